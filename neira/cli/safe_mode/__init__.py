"""`neira safe-mode …`."""
