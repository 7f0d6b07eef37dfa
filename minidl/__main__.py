"""``python -m minidl``: the command line, which stands on all of this, and which nothing needs."""

import sys
from pathlib import Path

if __name__ == "__main__":
    if sys.path[:1] == [str(Path.cwd())]:  # no file of the current folder takes a library's place
        sys.path.append(sys.path.pop(0))
    from minidl_cli.main import main

    main()
