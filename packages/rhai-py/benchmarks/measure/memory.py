"""How much memory this process holds."""

import gc
from pathlib import Path

_PAGE = 4096
_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Give the resident bytes, garbage collected first; 0 where the system does not tell."""
    gc.collect()
    return int(_STATM.read_text().split()[1]) * _PAGE if _STATM.exists() else 0
