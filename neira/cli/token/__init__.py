"""`neira token …`."""
