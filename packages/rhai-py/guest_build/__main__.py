"""`python -m guest_build`: build the guest and put it into the package."""

from __future__ import annotations

import os
import sys

from guest_build.build import PROJECT, build_into_package
from guest_build.errors import CannotBuildError

try:
    build_into_package(PROJECT, os.environ)  # noqa: TID251 - a builder's switches are variables
except CannotBuildError as reason:
    sys.exit(f"rhai-py: {reason}")
