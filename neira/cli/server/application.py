"""The application as gunicorn's workers load it: each calls `application()` after its fork."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from neira.kernel import Kernel
from neira.settings import load
from neira.web.app import create_app

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def application() -> WSGIApplication:
    """Open the kernel of NEIRA_HOME and put the web on it."""
    home = Path(os.environ.get("NEIRA_HOME", "."))  # noqa: TID251 - says where the settings are
    made: WSGIApplication = create_app(Kernel.open(home, load(home)))
    return made
