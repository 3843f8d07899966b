"""The one definition of the canonical manifest: what parses it also makes its JSON Schema."""
