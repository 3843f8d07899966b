"""`neira tools …`."""
