"""`neira gates …`"""
