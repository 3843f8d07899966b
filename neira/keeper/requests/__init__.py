"""What the keeper can be asked for, a word a file."""
