"""`neira registry …`"""
