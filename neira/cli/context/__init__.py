"""`neira context …`."""
