"""`neira safe-mode …`"""
