"""Run the Rhai project's own examples, tests and sample scripts here, and tell what differs.

    python packages/rhai-py/tools/conformance.py            # the pinned crate's documentation
    python packages/rhai-py/tools/conformance.py --all      # and the tests and scripts of older releases
    python packages/rhai-py/tools/conformance.py --all --native   # each also compared with native Rhai

Nothing of theirs is kept here: the texts are read from where cargo put the crate's sources.
"""

import runpy

if __name__ == "__main__":
    # Running a script puts its own folder on the path, and with it the package beside it.
    runpy.run_module("upstream", run_name="__main__")
