"""`neira plugins …`."""
