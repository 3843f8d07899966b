"""What can go wrong when the guest is built, each worded for whoever asked for the build."""

from __future__ import annotations


class CannotBuildError(Exception):
    """The guest cannot be built; the message says why and what to do."""


class UnavailableError(Exception):
    """One way to a Rust toolchain is closed on this machine; the message says why."""
