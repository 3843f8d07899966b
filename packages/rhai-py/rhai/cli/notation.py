"""Values as a script would write them."""

from __future__ import annotations

import json


def shown(value: object) -> str:
    """Write a value that came out of a script in Rhai's own notation.

    >>> shown({"name": "Anna", "sizes": [1, 2.5, None, True], "raw": b"hi"})
    '#{"name": "Anna", "sizes": [1, 2.5, (), true], "raw": [6869]}'
    """
    match value:
        case list():
            return f"[{', '.join(map(shown, value))}]"
        case dict():
            return f"#{{{', '.join(f'{_quoted(key)}: {shown(held)}' for key, held in value.items())}}}"
        case str():
            return _quoted(value)
        case _:
            return _simple(value)


def _simple(value: object) -> str:
    match value:
        case None:
            return "()"
        case bool():
            return "true" if value else "false"
        case bytes():
            return f"[{value.hex()}]"
        case range():
            return f"{value.start}..{value.stop}"
        case _:
            return str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
