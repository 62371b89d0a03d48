"""A real browser for the journeys: finding Chromium, and pages that complain by themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    TimeoutError,
    expect,
)

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",  # Chromium refuses its sandbox to root; the pages are our own
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",  # so that pictures taken on two machines agree
)
WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine before a journey gives up. It costs nothing where it is quick."""
expect.set_options(timeout=PATIENCE)
HOW_TO_GET_ONE = (
    "The journeys need Chromium and none was found. Debian and Ubuntu: apt-get install chromium. macOS: brew install "
    "chromium. Elsewhere install Chromium or Chrome and say where it is: CHROMIUM=/path/to/chromium make test"
)


class NoBrowserError(RuntimeError):
    """No Chromium, and none could be installed; the message says how to get one."""


def find_chromium(playwright: Playwright) -> str:
    """The path of a Chromium: ``$CHROMIUM``, one on the path, Playwright's own, or Debian's, installed now.

    Raises:
        NoBrowserError: there is none, with how to get one.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if not Path(named).exists():
            raise NoBrowserError(f"CHROMIUM is {named}, and nothing is there.")
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.executable_path
    return _install_on_debian()


def _install_on_debian() -> str:
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        raise NoBrowserError(HOW_TO_GET_ONE)
    print("\nNo Chromium here: installing Debian's with apt-get (once)…", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
    for command in ([*apt, "update", "-q"], [*apt, "install", "-qy", "--no-install-recommends", "chromium"]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoBrowserError(f"{' '.join(command)} failed: {done.stderr.strip()[-600:]}\n{HOW_TO_GET_ONE}")
    found = shutil.which("chromium")
    if not found:
        raise NoBrowserError(HOW_TO_GET_ONE)
    return found


class Complaints:
    """What pages did wrong on their own account: script errors, blocked content, anything fetched from elsewhere."""

    def __init__(self, base_url: str) -> None:
        self.host = urlsplit(base_url).netloc
        self.found: list[str] = []
        self._refused_pages: set[str] = set()

    def listen(self, context: BrowserContext) -> None:
        """Listen to every page of ``context``."""
        context.expose_binding("complainOfPolicy", lambda _source, text: self.found.append(text))
        context.add_init_script(
            "addEventListener('securitypolicyviolation', e => window.complainOfPolicy("
            "`Content security policy: ${e.violatedDirective} blocked ${e.blockedURI} on ${e.documentURI}`))"
        )
        context.on("console", self._console)
        context.on("weberror", lambda error: self.found.append(f"Script error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _request(self, request: Request) -> None:
        there = urlsplit(request.url)
        if there.scheme in {"http", "https", "ws", "wss"} and there.netloc != self.host:
            self.found.append(f"Fetched from elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"The server failed with {response.status} on {response.request.method} {response.url}")
        elif response.status >= 400 and response.request.is_navigation_request():
            self._refused_pages.add(response.url)

    def _console(self, message: ConsoleMessage) -> None:
        # A page that is refused (404, 403) is for the journey to judge; Chromium reports it as an error too.
        refused = message.text.startswith("Failed to load resource") and message.location["url"] in self._refused_pages
        if message.type == "error" and not refused:
            self.found.append(f"Console error: {message.text} ({message.location['url']})")


def assert_accessible(page: Page) -> None:
    """Fail when axe finds anything against WCAG 2.2 AA on ``page``, saying what, where and how to put it right."""
    page.wait_for_load_state()  # a click returns when the next page begins to arrive: half a page would be judged
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": list(WCAG_2_2_AA)}}
    violations = Axe().run(page, options=options).response["violations"]
    assert not violations, f"{page.url} is not accessible:\n" + "\n".join(map(_in_words, violations))


def _in_words(violation: dict[str, Any]) -> str:
    places = [f"    {node['html'][:200]}\n      {node['failureSummary']}" for node in violation["nodes"][:5]]
    return "\n".join([f"- {violation['impact']}: {violation['help']} ({violation['id']})", *places])


_FITS = "width => document.documentElement.scrollWidth <= width"
_TOO_WIDE = """width => [
    document.documentElement.scrollWidth,
    [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > width + 1 && !one.querySelector('*'))
        .slice(0, 5).map(one => `    ${one.outerHTML.slice(0, 200)}`),
]"""


def assert_fits(page: Page, width: int = 320) -> None:
    """Fail when ``page`` scrolls sideways on a screen ``width`` pixels wide."""
    page.wait_for_load_state()
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 640})
    with suppress(TimeoutError):  # the menu folds itself a moment after the window was made smaller
        page.wait_for_function(_FITS, arg=width, timeout=3_000)
    wide, culprits = page.evaluate(_TOO_WIDE, width)
    if before:
        page.set_viewport_size(before)
    assert wide <= width, f"{page.url} is {wide} px wide on a screen of {width} px:\n" + "\n".join(culprits)


def picture(page: Page, name: str) -> None:
    """Keep the whole page as pictures 1280 and 375 pixels wide.

    They go to ``docs/pictures`` when ``PICTURES=1`` (to renew the documentation), else to ``build/pictures``.
    """
    folder = ROOT / ("docs/pictures" if os.environ.get("PICTURES") == "1" else "build/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()
    before = page.viewport_size
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True, animations="disabled")
    if before:
        page.set_viewport_size(before)


OpenPage = Callable[..., Page]


def open_context(browser: Browser, base_url: str, *, width: int, javascript: bool) -> BrowserContext:
    """A browser window of its own: no cookies, no cache shared with others."""
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": 900},
        java_script_enabled=javascript,
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    return context
