"""How much one caller may take, counted across all processes of a home."""
