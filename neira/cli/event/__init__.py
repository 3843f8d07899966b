"""`neira event …`."""
