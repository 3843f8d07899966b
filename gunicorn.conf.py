"""How gunicorn serves Neira from a checkout: `gunicorn -c gunicorn.conf.py wsgi:application`.

The settings stand in the package, where `neira serve` takes them from as well; docs/operations/server.md says
what they are for.
"""

from neira.web.server.config import *  # noqa: F403 - gunicorn reads plain names
