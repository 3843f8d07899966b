"""What a plugin may be allowed to do, one row a power, and who has to agree."""
