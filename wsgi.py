"""The WSGI door of a checkout: settings from the environment, then the kernel, then the application.

Each of gunicorn's workers imports this after its fork, so that the kernel's locks and threads belong to the
process that uses them.
"""

from neira.web.server.application import open_application

application = open_application()
