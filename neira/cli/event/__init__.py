"""`neira event …`"""
