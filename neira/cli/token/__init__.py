"""`neira token …`"""
