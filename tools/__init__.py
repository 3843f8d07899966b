"""What `make` runs: set-up, demo, checks and wheels. Nothing in here is part of the installed package."""
