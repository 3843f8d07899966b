"""`neira registry …`."""
