"""The journal: an append-only, hash-chained, signed record of all changes and every event that ran.

`record` is the form of a line, `segment` the files, `checkpoint` and `keys` the signatures. `journal` lets
threads and processes write, through `pen`; `reader`, `query` and `follow` read; `verify` judges. `render`
makes JOURNALING.md, `archive` and `forget` are the two ways in which something leaves.
"""
