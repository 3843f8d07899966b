"""Verbs that stand alone: `neira init`, `neira doctor` and the like."""
