"""`neira search …`."""
