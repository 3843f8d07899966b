"""`neira plugins …`"""
