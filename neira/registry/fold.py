"""Stand-in until the registry is whole."""
from typing import Any
def fold(now: Any, record: Any) -> Any:
    return now
