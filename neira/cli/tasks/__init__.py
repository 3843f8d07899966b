"""`neira tasks …`."""
