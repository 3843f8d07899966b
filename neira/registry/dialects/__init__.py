"""Foreign spellings, read and normalised: a file a neighbour, named in the two lists here."""

from neira.registry.dialects import docker, installed, ruvector, scopes, wippy

DIALECTS = (ruvector.read, docker.read, scopes.read)  # each rewrites what it knows, in this order
SEVERAL = (wippy.read, installed.read)  # documents that hold many manifests at once

__all__ = ["DIALECTS", "SEVERAL"]
