"""What a person does with a page: reading a question, choosing, writing, pressing. And looking at it properly."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.journeys.browser import assert_accessible, assert_fits, picture

LONDON = ZoneInfo("Europe/London")


class Hands:
    """One person at one window, finding everything by the words on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> Hands:
        """Go to an address of the site, which must answer."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.ok, f"{address} answered {answer.status}"
        return self

    def question(self, words: str) -> Locator:
        """The group of fields that asks ``words``."""
        return self.page.get_by_role("group", name=words).first

    def choose(self, question: str, *answers: str) -> Hands:
        """Choose one answer, or tick several."""
        for answer in answers:
            self.question(question).get_by_label(answer, exact=True).first.check()
        return self

    def choose_alone(self, label: str) -> Hands:
        """Tick a box that stands by itself."""
        self.page.get_by_label(label).first.check()
        return self

    def write(self, label: str, text: str, *, exact: bool = False) -> Hands:
        """Write into a field."""
        self.page.get_by_label(label, exact=exact).first.fill(text)
        return self

    def select(self, label: str, option: str) -> Hands:
        """Choose from a list that drops down."""
        self.page.get_by_label(label).first.select_option(label=option)
        return self

    def give_day(self, question: str, when: date | datetime) -> Hands:
        """Write a day, and the London time where the question asks for one."""
        local = when.astimezone(LONDON) if isinstance(when, datetime) else when
        group = self.question(question)
        for part, value in (("Day", local.day), ("Month", local.month), ("Year", local.year)):
            group.get_by_label(part, exact=True).fill(str(value))
        if isinstance(local, datetime):
            group.get_by_label("Time", exact=True).fill(f"{local:%H:%M}")
        return self

    def attach(self, label: str, name: str, content: bytes, kind: str = "text/plain") -> Hands:
        """Choose a file."""
        words = self.page.locator("label").filter(has_text=re.compile(rf"^\s*{re.escape(label)}\b"))
        chooser = words.first.locator("xpath=following::input[@type='file'][1]")
        chooser.set_input_files({"name": name, "mimeType": kind, "buffer": content})
        return self

    def press(self, button: str) -> Hands:
        """Press a button, or follow a link that looks like one."""
        button_or_link = self.page.get_by_role("button", name=button, exact=True)
        button_or_link.or_(self.page.get_by_role("link", name=button, exact=True)).first.click()
        return self

    def follow(self, link: str) -> Hands:
        """Follow a link whose words contain ``link``."""
        self.page.locator("main").get_by_role("link", name=link).first.click()
        return self

    def sees(self, *texts: str) -> Hands:
        """Wait until each text is to be seen."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()
        return self

    def does_not_see(self, *texts: str) -> Hands:
        """Make sure that none of the texts is on the page."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)
        return self

    def is_told(self, *texts: str) -> Hands:
        """Wait until the message at the head of the page (an error summary, or "Done") holds each text."""
        for text in texts:
            expect(self.page.get_by_role("alert").filter(has_text=text).first).to_be_visible()
        return self

    def looks(self, name: str = "") -> Hands:
        """Look at the page as a user of assistive technology and of a small phone would; keep a picture of it."""
        expect(self.page.locator("h1")).to_have_count(1)
        assert_accessible(self.page)
        assert_fits(self.page)
        if name:
            picture(self.page, name)
        return self


def status_of(page: Page, address: str) -> int:
    """What the site answers to an address asked for in this window."""
    answer: Any = page.goto(address)
    return int(answer.status)
