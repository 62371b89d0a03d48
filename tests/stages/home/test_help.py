"""Help for everybody, and words that a tired person understands at once."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.operations import create_person
from saferpractice.config import clock
from tests.factories.incidents import an_incident
from tests.personas import SET_UP, Cast
from tests.stages.home.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]

HARD = 7.0
"""The automated readability index of a text for 12-year-olds; these pages are to be read by anybody of 10."""
NOT_OURS = re.compile(r'<div class="nhsuk-hint nhsuk-(?:radios|checkboxes)__hint".*?</div>', re.DOTALL)
"""The levels of harm and the themes are in national or the provider's own words."""


def sentences(page: str) -> list[str]:
    """Whole sentences and labels of a page's main part, without links in a row, tables and options."""
    main = NOT_OURS.sub(" ", page[page.index("<main") : page.index("</main>")])
    main = re.sub(r"<(select|table|script|textarea).*?</\1>", " ", main, flags=re.DOTALL)
    blocks = re.split(r"</?(?:p|li|dt|dd|h[1-3]|label|legend|div|ul|ol|summary|fieldset|button)\b[^>]*>", main)
    text = [" ".join(re.sub(r"<[^>]+>", " ", block).split()) for block in blocks]
    return [one for block in text for one in re.split(r"(?<=[.?!:]) ", block) if len(one.split()) > 2]


def readability(found: list[str]) -> float:
    """The automated readability index: about the years at school that a text asks for, less one."""
    words = [word for one in found for word in re.findall(r"[A-Za-z’']+", one)]
    return 4.71 * sum(map(len, words)) / len(words) + 0.5 * len(words) / len(found) - 21.43


class TestPlainWords:
    def test_the_measure_tells_easy_from_hard(self) -> None:
        assert readability(["Say what you saw.", "You can add to it later."]) < 2
        assert readability(["Organisations demonstrate defensible implementation of multi-agency governance."]) > 12

    @pytest.mark.parametrize("name", ["account_login", "home:front", "home:help"])
    def test_before_sign_in(self, client: Client, name: str) -> None:
        found = sentences(client.get(reverse(name)).content.decode())
        assert len(found) > 5
        assert readability(found) < HARD

    @pytest.mark.requirement("R6")
    def test_the_report_and_what_became_of_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=clock.now())
        for address in (reverse("incidents:report"), reverse("home:my_report", args=[incident.pk])):
            found = sentences(signed_in(cast.worker).get(address).content.decode())
            assert len(found) > 7
            assert readability(found) < HARD
            assert [one for one in found if len(one.split()) > 25] == []


class TestHelp:
    @pytest.mark.parametrize("name", ["home:help", "home:accessibility"])
    def test_it_is_there_for_everybody_and_linked_from_every_page(self, client: Client, cast: Cast, name: str) -> None:
        for visitor in (client, signed_in(cast.worker), signed_in(cast.inspector)):
            assert visitor.get(reverse(name)).status_code == 200
        for page in (client.get("/"), signed_in(cast.worker).get(reverse("home:my_work")), client.get("/nowhere")):
            assert f'href="{reverse(name)}"' in page.content.decode()

    def test_danger_comes_first(self, client: Client) -> None:
        page = client.get(reverse("home:help")).content.decode()
        assert page.index("Call 999") < page.index("How do I report something?")

    def test_it_claims_no_more_accessibility_than_is_known(self, client: Client) -> None:
        page = " ".join(client.get(reverse("home:accessibility")).content.decode().split())
        assert "do not claim that they meet the whole standard" in page


class TestEmptyPages:
    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("commissioner", "Read what your providers published"),
            ("inspector", "Nothing has been shared with you yet"),
            ("worker", "Nothing to do"),
            ("director", "Nothing to do"),
        ],
    )
    def test_says_why_it_is_empty(self, cast: Cast, name: str, says: str) -> None:
        page = signed_in(cast.people()[name]).get(reverse("home:my_work")).content.decode()
        assert says in page
        assert ("sp-counts__number" in page) == (says == "Nothing to do")

    def test_somebody_without_a_role_is_promised_nothing(self, cast: Cast) -> None:
        newcomer = create_person(
            by=SET_UP, at=clock.now(), provider=cast.provider, name="Nia Croft", email="nia@example.org"
        )
        page = signed_in(newcomer).get(reverse("home:my_work")).content.decode()
        assert "Nothing to do" in page
        assert "shared with you" not in page
