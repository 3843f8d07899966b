"""Between gunicorn and the application: how requests arrive, how bodies are bounded, how streams are kept.

Nothing in here knows Flask or the kernel. `worker.py` is gunicorn's worker class, `body.py` and `streams.py`
are WSGI middleware for `app.py` to wrap around Flask, `hub.py` serves the streams from one thread.
"""
