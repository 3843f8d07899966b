"""One reading host function a file; `catalogue` lists them."""
