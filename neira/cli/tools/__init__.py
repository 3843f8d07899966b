"""`neira tools …`"""
