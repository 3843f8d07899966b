"""`neira journal …`"""
