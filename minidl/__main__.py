"""``python -m minidl``: the command line, which stands on all of this and which nothing here needs."""

import os
import sys

if __name__ == "__main__":
    if sys.path[:1] == [os.getcwd()]:  # no file of the current folder takes a library's place
        sys.path.append(sys.path.pop(0))
    from minidl_cli.main import main

    main()
