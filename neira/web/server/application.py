"""The application as gunicorn's workers load it: each opens a kernel of its own, after its fork."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from neira.kernel import Kernel
from neira.settings import load
from neira.web.app import create_app

if TYPE_CHECKING:
    from neira.web.app import NeiraApp


def open_application() -> NeiraApp:
    """Open the kernel of NEIRA_HOME and put the web on it; `config.worker_exit` closes it."""
    home = Path(os.environ.get("NEIRA_HOME", "."))  # noqa: TID251 - says where the settings are
    return create_app(Kernel.open(home, load(home)))
