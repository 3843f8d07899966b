"""`python -m rhai`."""

import sys

from rhai.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
