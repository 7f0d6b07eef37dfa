"""The way in. It loads next to nothing, so that Ctrl-C is in good hands before anything slow."""

from __future__ import annotations

import signal
import sys

from minidl_cli import interrupts, streams


def main() -> None:
    """Run the command line."""
    interrupts.handle()
    streams.prepare()
    from minidl_cli.app import app

    try:
        app(prog_name="minidl")
    except KeyboardInterrupt:
        sys.exit(interrupts.CODE)
    finally:
        if signal.getsignal(signal.SIGINT) is interrupts.interrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left that could be saved


if __name__ == "__main__":
    main()
