"""Journeys: people at work in a real browser, against the real application on a database of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.databases import Database
from tests.journeys.browser import FLAGS, Complaints, NoBrowserError, find_chromium, open_context

# Playwright runs an event loop in this thread, where Django refuses the database; nothing here is concurrent.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@dataclass(frozen=True, slots=True)
class Site:
    """The application, served on its own database. Factories and queries of the test work on the same database."""

    url: str
    database: Database


def _as_it_is(handler: Any) -> Any:
    """Static files come through the application's own middleware, as in production."""
    return handler


class _ServerThread(LiveServerThread):
    def run(self) -> None:
        try:
            self.httpd = self._create_server()
            self.port = self.httpd.server_address[1]
            self.httpd.set_app(WSGIHandler())
            self.is_ready.set()
            self.httpd.serve_forever(poll_interval=0.05)
        except Exception as error:  # handed to the test that waits
            self.error = error
            self.is_ready.set()
        finally:
            connections.close_all()


@pytest.fixture
def live_site(fresh_database: Database) -> Iterator[Site]:
    """Serve the application in threads of this process, on a database that this test has to itself."""
    server = _ServerThread("127.0.0.1", _as_it_is)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield Site(f"http://127.0.0.1:{server.port}", fresh_database)
    server.terminate()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, started once."""
    with sync_playwright() as started:
        yield started


def pytest_configure(config: pytest.Config) -> None:
    """Find the browser, or install it, once and before there are workers: two that install at a time stop each other.

    Raises:
        UsageError: there is none; the message says how to get one.
    """
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    try:
        with sync_playwright() as playwright:
            os.environ["CHROMIUM"] = find_chromium(playwright)
    except NoBrowserError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all journeys."""
    started = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(FLAGS))
    yield started
    started.close()


@pytest.fixture
def complaints(live_site: Site) -> Iterator[Complaints]:
    """Fails the journey at its end when a page had an error, broke the content policy or fetched from elsewhere."""
    collected = Complaints(live_site.url)
    yield collected
    assert not collected.found, "The browser complained:\n" + "\n".join(dict.fromkeys(collected.found))


@pytest.fixture
def browse(browser: Browser, live_site: Site, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Open a window: ``browse()`` signed out, ``browse(as_=person)`` signed in as a person.

    ``width=375`` is a phone; ``javascript=False`` switches scripts off. Each call is a window of its own, so
    several people may be at work at once.
    """
    opened: list[BrowserContext] = []

    def open_(as_: Any = None, *, width: int = 1280, javascript: bool = True) -> Page:
        context = open_context(browser, live_site.url, width=width, javascript=javascript)
        opened.append(context)
        complaints.listen(context)
        if as_ is not None:
            client = Client()
            client.force_login(as_, backend=settings.AUTHENTICATION_BACKENDS[0])
            session = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": session.key, "value": session.value, "url": live_site.url}])
        return context.new_page()

    yield open_
    for context in opened:
        context.close()


@pytest.fixture
def page(browse: Callable[..., Page]) -> Page:
    """One window, signed out."""
    return browse()
