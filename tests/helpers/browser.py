"""A real browser that reaches nothing, and a page in it that must not complain."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
NEEDED = "MINIDL_NEEDS_BROWSER" in os.environ  # continuous integration leaves no test out
WIDE = {"width": 1200, "height": 900}


@contextmanager
def browser() -> Iterator[Any]:
    """Start the system's Chromium; skips, with a line, where there is none."""
    if CHROMIUM is None:
        assert not NEEDED, "chromium is needed"
        pytest.skip("no chromium here: report.html is not looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


@contextmanager
def shown(running: Any, file: Path, **options: Any) -> Iterator[Any]:
    """Open a file, without a network, and hold afterwards that nothing was asked for or wrong."""
    context = running.new_context(**{"viewport": WIDE, "offline": True, **options})
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    page.on("request", lambda r: wrong.append(r.url) if r.url != file.as_uri() else None)
    try:
        page.goto(file.as_uri())
        yield page
        assert wrong == []
    finally:
        context.close()
