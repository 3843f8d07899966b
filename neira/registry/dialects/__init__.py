"""Foreign spellings, read and normalised: a file a neighbour, listed in `DIALECTS`."""

from neira.registry.dialects import docker, ruvector, scopes, wippy

DIALECTS = (ruvector.read, docker.read, scopes.read)  # each rewrites what it knows, in this order
several = wippy.read  # an index holds many manifests at once

__all__ = ["DIALECTS", "several"]
