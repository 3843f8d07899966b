"""The shipped example plugins, through a real kernel."""
