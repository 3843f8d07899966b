"""`neira`: the entry point of the command line."""

from __future__ import annotations

import click

from neira import __version__
from neira.cli.command import Noun, Root
from neira.cli.verbs import NOUNS, TOP, UNSPOKEN

ABOUT = """A tiered extension engine: plugins that are approved, limited and journaled.

Works on a home (--home, NEIRA_HOME, or the current folder), or on a running server (--url and --token, or
NEIRA_URL and NEIRA_TOKEN). The options below may stand before a verb or after it.
"""


def build() -> Root:
    """Put the command line together from the list of verbs."""
    root = Root("neira", TOP, help=ABOUT, top=True)
    for name, (about, verbs) in NOUNS.items():
        root.add_command(Noun(name, verbs, help=about, unspoken=UNSPOKEN.get(name)))
    click.version_option(__version__, prog_name="neira", message="%(prog)s %(version)s")(root)
    return root


def main() -> None:
    """Run the command line."""
    build()(prog_name="neira")
