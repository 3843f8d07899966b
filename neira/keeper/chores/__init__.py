"""What the keeper does all the time, a chore a file; `neira/keeper/table.py` lists them."""
