"""What plugins have stored and set going: one SQLite database, written from the journal alone.

A table is a file; `state` puts them together. Only the applier writes, in the order of the journal, in one
transaction with the mark of how far it came; everybody reads.
"""
