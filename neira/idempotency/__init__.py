"""Requests that may be sent twice: which key was used for what, and which are running now."""
