"""The safe mode of a home, seen by all its processes at once.

It lives in shared memory first (a failed disk must still be able to brake), then in a file that survives a
restart. A file named SAFE_MODE at the top of the home, and the setting `safe.mode`, brake as well.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from neira.errors import NeiraError
from neira.gates import safe_mode_file
from neira.gates.safe_mode import Reason, SafeMode
from neira.shared import Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neira.home import Home
    from neira.shared import SharedWords

_BITS = {reason: 1 << place for place, reason in enumerate(Reason)}
