"""Everything that is true at one number of the journal, and how a process stays current."""
