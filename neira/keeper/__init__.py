"""The one background process of a home: it looks, ticks and recovers while the workers answer requests.

A second composition of the same kernel; see docs/operations/keeper.md.
"""
