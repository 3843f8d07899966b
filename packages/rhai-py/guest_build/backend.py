"""What pip asks to build this package: setuptools, with the guest built before a wheel is made.

An editable install builds no guest, because pip would hide its progress; `python -m guest_build` builds it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from setuptools import build_meta  # type: ignore[import-untyped]  # it ships no types
from setuptools.build_meta import (  # type: ignore[import-untyped]  # same
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from guest_build.build import PROJECT, build_into_package

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = dict[str, str | list[str] | None]


def build_wheel(
    wheel_directory: str, config_settings: Settings | None = None, metadata_directory: str | None = None
) -> str:
    """Build the guest, then the wheel around it."""
    environ: Mapping[str, str] = os.environ  # noqa: TID251 - a builder's switches are variables
    build_into_package(PROJECT, environ)
    wheel: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return wheel
