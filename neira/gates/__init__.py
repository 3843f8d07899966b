"""Gates: which abilities of the whole system are open, the owner's words that move them, and safe mode."""
