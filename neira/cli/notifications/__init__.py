"""`neira notifications …`."""
