"""Admin changes: a verb is a file; each checks, journals and folds, in that order."""
