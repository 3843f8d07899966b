#!/bin/sh
# Picks a Python that is new enough and lets it make .venv. Called by `make setup`.
# An existing .venv is kept with the Python it has, unless PYTHON names another one.
set -eu
cd "$(dirname "$0")/.."

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || { echo "PYTHON=$PYTHON does not run or is older than 3.11: name another one." >&2; exit 1; }
    exec "$PYTHON" -m tools.environment
fi
for candidate in .venv/bin/python python3.13 python3.12 python3.11 python3; do
    if fits "$candidate"; then exec "$candidate" -m tools.environment; fi
done
echo "Neira needs Python 3.11 or newer and found none: install it, or name one with PYTHON=/path/to/python3." >&2
exit 1
