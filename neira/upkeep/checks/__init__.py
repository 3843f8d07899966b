"""The checks of `neira doctor`, by what they look at; `doctor.py` lists them."""
