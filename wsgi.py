"""The WSGI door: settings from the environment, then the kernel, then the application. Loaded by gunicorn.

Each worker imports this after its fork, so that the kernel's threads start in the process that uses them.
"""

from __future__ import annotations

import os
from pathlib import Path

from neira.kernel import Kernel
from neira.settings import load
from neira.web.app import create_app

home = Path(os.environ.get("NEIRA_HOME", "."))  # noqa: TID251 - says where the settings are; all others are read there
application = create_app(Kernel.open(home, load(home)))
