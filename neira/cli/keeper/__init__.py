"""`neira keeper …`."""
