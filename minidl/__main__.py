"""``python -m minidl``: the command line, which needs all of this package, but not vice versa."""

import os
import sys

if __name__ == "__main__":
    # No file in the current folder may shadow a library, not even pathlib.
    if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109
        sys.path.append(sys.path.pop(0))
    from minidl_cli.main import main

    main()
