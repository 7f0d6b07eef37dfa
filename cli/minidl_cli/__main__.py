"""``python -m minidl_cli``: the same as ``minidl``."""

from minidl_cli.main import main

if __name__ == "__main__":
    main()
