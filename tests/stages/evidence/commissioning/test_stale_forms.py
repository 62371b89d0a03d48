"""Publishing and agreeing targets by forms that are sent twice, late, by somebody else, or with anything in them."""

from __future__ import annotations

import importlib
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.operations import end_role, set_active
from saferpractice.changes.operations import withdraw_change
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.incidents.operations import decide_restriction
from saferpractice.trail.models import TrailEntry
from tests.factories.changes import a_live_change
from tests.factories.commissioning import IN_QUARTER, PUBLISHED_AT, QUARTER, TRIAGE, duties, published
from tests.factories.web import signed_in, words
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.requirement("R32"), pytest.mark.usefixtures("db")]

PUBLISH, TARGET = "publish", "target"
LONG, ODD = "x" * 10_000, "🙂\u202e\x00"


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(PUBLISHED_AT)


def address(code: str = QUARTER.code) -> str:
    return reverse("evidence:publish", args=[code])


def send(client: Client, *changes: object, read: str = "on") -> HttpResponse:
    sent = {"changes": [str(one) for one in changes]} | ({"read": read} if read else {})
    return client.post(address(), sent)  # type: ignore[return-value]


class TestPublishing:
    def test_sent_twice_it_is_published_once(self, cast: Cast) -> None:
        duties(cast.north, 31, 10)
        client = signed_in(cast.quality_lead)
        assert send(client).status_code == 302
        row, entries = PublishedQuarter.objects.get(), TrailEntry.objects.count()
        duties(cast.north, 40)
        again = send(client)
        assert "This is what commissioners read." in words(again)
        assert "Publish this quarter" not in words(again)
        assert PublishedQuarter.objects.get() == row
        assert TrailEntry.objects.count() == entries

    def test_two_at_one_moment_are_one_and_the_other_is_told(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever opened the form before the other sent it reads why theirs is not taken."""
        published(cast)
        views = importlib.import_module("saferpractice.evidence.views.publishing")
        monkeypatch.setattr(views, "published_of", lambda _: {})
        page = words(send(signed_in(cast.director)))
        assert "This quarter is published. It is published once" in page
        assert PublishedQuarter.objects.count() == 1

    @pytest.mark.parametrize("others", [0, 1], ids=["nothing else", "another"])
    @pytest.mark.parametrize("meanwhile", ["restricted", "withdrawn"])
    def test_a_change_that_is_not_offered_any_more_is_said_and_nothing_published(
        self, meanwhile: str, others: int, cast: Cast
    ) -> None:
        """Published once is published without it: so whoever chose it is told, also where nothing else is offered."""
        for _ in range(others):
            a_live_change(cast, at=IN_QUARTER, title="A second card at the door")
        change = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        client = signed_in(cast.quality_lead)
        assert change.title in words(client.get(address()))
        if meanwhile == "restricted":
            incident = change.findings.get().incident
            decide_restriction(by=SET_UP, at=PUBLISHED_AT, incident=incident, restricted=True, reason="Few may know.")
        else:
            withdraw_change(by=cast.lead, at=PUBLISHED_AT, change=change, reason="It did not help.")
        page = words(send(client, change.pk))
        assert "There is a problem" in page
        assert change.title not in page
        assert not PublishedQuarter.objects.exists()

    @pytest.mark.parametrize(
        "chosen", ["", "nothing", LONG, ODD, str(uuid4())], ids=["empty", "word", "long", "odd", "id"]
    )
    def test_what_was_never_offered_is_not_taken(self, chosen: str, cast: Cast) -> None:
        a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        sent = send(signed_in(cast.quality_lead), chosen)
        assert "There is a problem" in words(sent)
        assert not PublishedQuarter.objects.exists()

    @pytest.mark.parametrize("ended", ["role", "sign-in"])
    @pytest.mark.parametrize("form", [PUBLISH, TARGET])
    def test_who_may_no_more_when_it_is_sent_does_not(self, form: str, ended: str, cast: Cast) -> None:
        client, person = signed_in(cast.quality_lead), cast.quality_lead
        where = address() if form == PUBLISH else reverse("evidence:target")
        assert client.get(where).status_code == 200
        if ended == "role":
            end_role(by=SET_UP, at=PUBLISHED_AT, assignment=person.role_assignments.get())
        else:
            set_active(by=SET_UP, at=PUBLISHED_AT, person=Person.objects.get(pk=person.pk), active=False)
        sent = client.post(where, {"read": "on"} if form == PUBLISH else asked())
        assert sent.status_code == (404 if ended == "role" else 302)
        assert "publish" not in str(sent.get("Location", "")).split("?")[0]
        assert not PublishedQuarter.objects.exists()
        assert not ContractTarget.objects.exists()

    @pytest.mark.parametrize(
        "code",
        ["2025-0", "2025-5", "2025-33", "25-3", "2025-3x", "２０２５-3", "-2025-3", "0000-1", "9999-4", "2025--3"],
    )
    def test_what_is_no_quarter_is_no_page(self, code: str, cast: Cast) -> None:
        client = signed_in(cast.quality_lead)
        assert client.get(address(code)).status_code == 404
        assert client.post(address(code), {"read": "on"}).status_code == 404
        assert not PublishedQuarter.objects.exists()

    def test_what_is_told_beside_a_title_is_read_before_it_is_chosen(self, cast: Cast) -> None:
        a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        page = words(signed_in(cast.quality_lead).get(address()))
        assert (
            "Answers: lack of duty cover. Revised risk prompt. Live, rollout not proven. Did it work? Not checked yet. "
            "Training: nothing recorded. Service specification: nothing recorded."
        ) in page


def asked(**other: str) -> dict[str, str]:
    """What the form of a target sends: at most 30% of triage from the quarter on."""
    sent = {"measure": TRIAGE, "asks": "at-most", "most": "30", "quarter": QUARTER.code, "submission_key": uuid4().hex}
    return sent | other


class TestTargets:
    @pytest.mark.parametrize(
        ("typed", "target"),
        [
            ("0", 0),
            ("100", 100),
            (" 80 ", 80),
            ("080", 80),
            ("-1", None),
            ("101", None),
            ("80.5", None),
            ("80%", None),
            ("eighty", None),
            ("1e1", None),
            (LONG, None),
            (ODD, None),
        ],
        ids=["none", "all", "blanks", "nought first", "below", "above", "half", "sign", "word", "power", "long", "odd"],
    )
    def test_a_share_is_a_whole_number_of_a_hundred(self, typed: str, target: int | None, cast: Cast) -> None:
        sent = signed_in(cast.director).post(reverse("evidence:target"), asked(most=typed))
        if target is None:
            assert "There is a problem" in words(sent)
            assert not ContractTarget.objects.exists()
        else:
            assert sent.status_code == 302
            assert ContractTarget.objects.get().target == target

    @pytest.mark.parametrize(
        "wrong",
        [
            {"measure": LONG},
            {"measure": ODD},
            {"measure": "loop.triage.time"},
            {"quarter": "2040-1"},
            {"quarter": "2025-3x"},
            {"asks": "exactly"},
            {"asks": "at-least"},
        ],
        ids=lambda one: (
            "".join(f"{name} {value[:8]}" for name, value in one.items()).encode("ascii", "replace").decode()
        ),
    )
    def test_what_was_not_offered_is_no_target(self, wrong: dict[str, str], cast: Cast) -> None:
        page = words(signed_in(cast.director).post(reverse("evidence:target"), asked(**wrong)))
        assert "There is a problem" in page
        assert not ContractTarget.objects.exists()

    def test_each_sent_form_is_one_target_and_a_fresh_form_is_another(self, cast: Cast) -> None:
        client, where, once = signed_in(cast.director), reverse("evidence:target"), asked()
        for _ in range(3):
            assert client.post(where, once).status_code == 302
        assert ContractTarget.objects.count() == 1
        changed = client.post(where, once | {"most": "40"})
        assert changed.status_code == 409
        page = words(changed)
        assert "at most 30%" in page
        assert "Write down this target too" in page
        assert 'value="40"' in page, "what was typed is kept"
        assert client.post(where, asked(most="40")).status_code == 302
        assert [one.target for one in ContractTarget.objects.order_by("decided_at", "pk")] == [30, 40]

    def test_a_title_is_the_measures_own_and_not_what_was_sent(self, cast: Cast) -> None:
        signed_in(cast.director).post(reverse("evidence:target"), asked(title="<b>Marigold Quennell</b>"))
        assert ContractTarget.objects.get().title == "From incident to triage: in time"
