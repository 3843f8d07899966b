"""Bytes to plain values, limits first: everything foreign passes here once and is trusted afterwards."""
