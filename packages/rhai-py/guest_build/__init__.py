"""Builds the guest, the WebAssembly module inside this package; not a part of the wheel.

`python -m guest_build` in the source folder does it all; docs/building.md says how. Only Python's own library
may be imported here (and setuptools in backend.py): nothing else is installed yet when it runs.
"""
