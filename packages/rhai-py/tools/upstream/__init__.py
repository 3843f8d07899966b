"""The Rhai project's own texts as tests: found, read, run and judged."""
