"""Stand-in until the registry is whole."""

from typing import Any


class ManifestReader:
    def __init__(self, parse: Any) -> None:
        pass
