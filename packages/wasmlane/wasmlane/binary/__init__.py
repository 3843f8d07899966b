"""Reads a core WebAssembly module without running it: what it asks for and offers, and its state."""

from wasmlane.binary.inspection import inspect
from wasmlane.binary.model import Export, FuncType, Global, Import, Inspected

__all__ = ["Export", "FuncType", "Global", "Import", "Inspected", "inspect"]
