"""Neira: a running application grows by plugins that are approved, limited, hot-swapped and journaled."""

__version__ = "0.1.0"
