"""``python -m minidl``: the command line, which stands on all of this, and which nothing needs."""

import os
import sys

if __name__ == "__main__":
    # No file of the current folder takes a library's place: not even that of pathlib.
    if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109
        sys.path.append(sys.path.pop(0))
    from minidl_cli.main import main

    main()
