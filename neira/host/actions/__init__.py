"""One effect a file; `catalogue` lists them."""
