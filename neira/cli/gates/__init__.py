"""`neira gates …`."""
