"""Every page that `les` writes, in a real Chromium: a screen, a telephone, A4 paper, and what axe finds.

Run by `python -m pytest -n 0 tests/browser/pages.py`, with `lescli[browser]` installed. It is no part of the tests that
run without a browser. To look at the pages yourself, add `--basetemp=FOLDER`: a picture of each is kept there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.group.some_networks import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = {
    "status.html": "status --as-of 2026-07-06 --out status.html",
    "claim.html": "claim anticoag ius pessary --month 2026-05 --as-of 2026-06-05 --out claim.html",
    "claim-rows.html": "claim anticoag --month 2026-05 --as-of 2026-06-05 --rows --out claim-rows.html",
    "claims.html": "claims --as-of 2026-07-06 --out claims.html",
    "recall.html": "recall --as-of 2026-07-06 --out recall.html",
    "worklist.html": "recall --for worklist --as-of 2026-07-06 --out worklist.html",
    "register.html": "register anticoag --as-of 2026-07-06 --out register.html",
    "report.html": "report anticoag --period 2026-27-Q1 --as-of 2026-07-06 --out report.html",
    "practice.html": "report --period 2026-27-Q1 --as-of 2026-07-06 --out practice.html",
    "explain.html": "explain denosumab --patient 9990001987 --as-of 2026-06-05 --out explain.html",
    "year.html": "year --as-of 2026-07-06 --out year.html",
    "duties.html": "duties --as-of 2026-07-06 --out duties.html",
    "months/2026-05-on-2026-07-06/index.html": "month 2026-05 --as-of 2026-07-06 --out months",
    "pack/summary.html": "evidence denosumab --period 2026-05 --as-of 2026-07-06 --out pack",
}
"""Each page and the command that writes it, asked of the practice of `les demo`. A new page is one more line."""

NETWORKS = {"networks-9.html": (9, True), "networks-41.html": (41, True), "networks-41-hidden.html": (41, False)}
"""Pages of `les group networks`: how many networks, and whether small numbers are shown."""
EVERY = (*PAGES, *NETWORKS)

SCREEN, TELEPHONE, PAPER, ACROSS = 1280, 400, 718, 1047
"""Widths in pixels. Paper is A4 with a margin of a centimetre on each side, upright or across."""

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="there is no Chromium on this machine")

_WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(one => one.tagName)"""
_CUT = """() => [...document.querySelectorAll('body :not(.hidden)')]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible')
  .map(one => one.tagName)"""
_SPLIT = """() => [...document.querySelectorAll('tr')]
  .filter(one => getComputedStyle(one).breakInside !== 'avoid').length"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice of the demo, with every page beside it."""
    place = tmp_path_factory.mktemp("pages") / "demo"
    surroundings = {**os.environ, "LES_STORE": str(place / "practice.les")}

    def les(*words: str, where: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "lescli", *words], cwd=where, env=surroundings, capture_output=True, text=True
        )
        assert done.returncode in (0, 3), (words, done.stderr)

    les("demo", str(place), where=place.parent)
    for command in PAGES.values():
        les(*shlex.split(command), where=place)
    for name, (networks, exact) in NETWORKS.items():
        (place / name).write_text(page_of(networks, exact=exact), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page."""
    with browser.new_context(bypass_csp=True) as context:
        yield context.new_page()


def seen(page: Page, folder: Path, name: str, width: int) -> list[str]:
    """Open a page at a width. What it asked for beside itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((folder / name).as_uri())
    return asked[1:]


@pytest.mark.parametrize("width", [SCREEN, TELEPHONE])
@pytest.mark.parametrize("name", EVERY)
def test_the_page_is_no_wider_than_the_window(folder: Path, page: Page, name: str, width: int) -> None:
    assert seen(page, folder, name, width) == [], "the page asks for something outside itself"
    page.screenshot(path=folder / f"{Path(name).stem}-{width}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (wide, page.evaluate(_WIDER))


@pytest.mark.parametrize("name", EVERY)
def test_paper_cuts_nothing_and_keeps_each_row_whole(folder: Path, page: Page, name: str) -> None:
    page.emulate_media(media="print")
    across = "landscape" in (folder / name).read_text(encoding="utf-8")
    seen(page, folder, name, ACROSS if across else PAPER)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (wide <= 0, page.evaluate(_CUT), page.evaluate(_SPLIT)) == (True, [], 0), wide
    page.pdf(path=folder / f"{Path(name).stem}.pdf", prefer_css_page_size=True)


@pytest.mark.parametrize("width", [SCREEN, TELEPHONE])
@pytest.mark.parametrize("name", EVERY)
def test_axe_finds_nothing_serious(folder: Path, page: Page, name: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    seen(page, folder, name, width)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    assert [
        (one["id"], one["help"], one["nodes"][0]["html"][:200])
        for one in found
        if one["impact"] in ("serious", "critical")
    ] == []
