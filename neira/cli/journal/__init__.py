"""`neira journal …`."""
