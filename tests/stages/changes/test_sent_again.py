"""A change, an action, a briefing or a proof sent again with other answers is never silently taken as sent."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.changes.models import Briefing, OperationalChange, RolloutProof, TrackedAction
from saferpractice.changes.operations import hand_over_change, keep_briefing, record_proof
from saferpractice.changes.rules import ProposedProof
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, SentBefore
from tests.conftest import TestClock
from tests.factories.changes import a_change, a_file, a_finding, a_template_in_use, an_action
from tests.factories.web import signed_in
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R2", "R3")
TODAY = local_day(NOW)
NOTICE = "You sent this before, with other answers"


def differs(send: Callable[[], object]) -> list[tuple[str, str, str]]:
    """What ``send`` is told to differ, by question."""
    with pytest.raises(SentBefore, match="already sent") as before:
        send()
    return [(one.question, one.recorded, one.typed) for one in before.value.differences]


class TestAChange:
    @pytest.mark.parametrize(
        ("now", "question", "recorded", "typed"),
        [
            ({"title": "Another"}, "Title", "Self-neglect checklist in the visit note", "Another"),
            ({"monday": "You ring."}, "What is different on Monday", None, "You ring."),
            ({"change_type": "escalation-route"}, "Type", None, "Escalation route"),
            ({"go_live_on": date(2026, 4, 1)}, "Goes live", "Wednesday 11 March 2026", "Wednesday 1 April 2026"),
            ({"briefing": "Read it."}, "Briefing", "Not given", "Read it."),
        ],
    )
    def test_each_answer_that_differs_is_named(
        self, cast: Cast, now: dict[str, Any], question: str, recorded: str | None, typed: str
    ) -> None:
        finding = a_finding(cast)
        a_change(cast, findings=[finding], key="k")
        ((asked, was, is_now),) = differs(lambda: a_change(cast, findings=[finding], key="k", **now))
        assert (asked, is_now) == (question, typed)
        assert recorded in (None, was)
        assert OperationalChange.objects.count() == 1

    def test_so_are_the_owner_the_teams_and_the_findings(self, cast: Cast) -> None:
        one, other = a_finding(cast), a_finding(cast)
        a_change(cast, findings=[one], reach=[cast.north], key="k")
        found = differs(
            lambda: a_change(cast, findings=[one, other], reach=[cast.south], owner=cast.supervisor, key="k")
        )
        assert [question for question, _, _ in found] == ["What it answers", "Owner", "Teams to reach"]
        assert found[1][1:] == (cast.duty_manager.name, cast.supervisor.name)

    def test_a_step_that_cannot_be_passed_is_not_lost(self, cast: Cast) -> None:
        finding = a_finding(cast)
        a_change(cast, findings=[finding], key="k", change_type="escalation-route")
        found = differs(
            lambda: a_change(
                cast,
                findings=[finding],
                key="k",
                change_type="escalation-route",
                cannot_be_passed=True,
                why_not_passed="The form does not close.",
            )
        )
        assert ("The step cannot be passed over", "No", "Yes") in found
        assert ("Why it cannot be passed over", "Not given", "The form does not close.") in found

    @pytest.mark.parametrize("space", ["", "  ", "\n"])
    def test_the_same_answers_are_the_same_change(self, cast: Cast, space: str) -> None:
        finding = a_finding(cast)
        one = a_change(cast, findings=[finding], key="k", title="A checklist", briefing="Read it.")
        again = a_change(cast, findings=[finding], key="k", title=f"A checklist{space}", briefing=f"{space}Read it.")
        assert again == one
        assert Briefing.objects.count() == 1

    def test_a_new_owner_since_is_no_other_answer(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding], key="k")
        hand_over_change(by=cast.duty_manager, at=NOW, change=change, owner=cast.supervisor, reason="Leaves in May")
        assert a_change(cast, findings=[finding], key="k") == change
        found = differs(lambda: a_change(cast, findings=[finding], key="k", owner=cast.supervisor))
        assert found == [("Owner", cast.duty_manager.name, cast.supervisor.name)]

    def test_two_people_of_one_name_are_told_apart(self, cast: Cast) -> None:
        Person.objects.filter(pk=cast.supervisor.pk).update(name=cast.duty_manager.name)
        cast.supervisor.refresh_from_db()
        finding = a_finding(cast)
        a_change(cast, findings=[finding], key="k")
        ((_, was, now),) = differs(lambda: a_change(cast, findings=[finding], key="k", owner=cast.supervisor))
        assert cast.duty_manager.email in was
        assert cast.supervisor.email in now


class TestAnAction:
    @pytest.mark.parametrize(
        ("now", "question", "typed"),
        [
            ({"what": "Print other cards"}, "What must be done", "Print other cards"),
            ({"due_on": TODAY + timedelta(days=40)}, "Due", "Monday 13 April 2026"),
            ({"owner": "supervisor"}, "Owner", "supervisor"),
        ],
    )
    def test_each_answer_that_differs_is_named(
        self, cast: Cast, now: dict[str, Any], question: str, typed: str
    ) -> None:
        change = a_change(cast)
        an_action(cast, change=change, key="k")
        given = dict(now)
        if "owner" in given:
            given["owner"] = cast.people()[given["owner"]]
            typed = given["owner"].name
        ((asked, _, said),) = differs(lambda: an_action(cast, change=change, key="k", **given))
        assert (asked, said) == (question, typed)
        assert TrackedAction.objects.count() == 1


class TestAProof:
    def record(self, cast: Cast, change: OperationalChange, **given: Any) -> tuple[RolloutProof, ...]:
        answers: dict[str, Any] = {"kind": "briefing", "held_on": TODAY, "reached": 9, "needed": 10, "who": "Days"}
        call: dict[str, Any] = {"by": cast.lead, "teams": [cast.north], "submission_key": "k"}
        for name, value in given.items():
            (answers if name in ProposedProof.__slots__ else call)[name] = value
        return record_proof(at=NOW, change=change, proof=ProposedProof(**answers), **call)

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ({"reached": 10}, ("People who took part", "9", "10")),
            ({"needed": 12}, ("People who need it", "10", "12")),
            ({"who": "Nights"}, ("Who took part", "Days", "Nights")),
            ({"words": "At noon"}, ("In words", "Not given", "At noon")),
            ({"kind": "training-attendance"}, ("Kind of proof", "Briefing held", "Training attendance")),
            ({"held_on": TODAY - timedelta(days=1)}, ("Day", "Wednesday 4 March 2026", "Tuesday 3 March 2026")),
        ],
    )
    def test_each_answer_that_differs_is_named(
        self, cast: Cast, now: dict[str, Any], expected: tuple[str, str, str]
    ) -> None:
        change = a_change(cast)
        self.record(cast, change)
        assert differs(lambda: self.record(cast, change, **now)) == [expected]
        assert RolloutProof.objects.count() == 1

    def test_another_team_is_not_taken_as_proven(self, cast: Cast) -> None:
        change = a_change(cast)
        self.record(cast, change)
        ((question, was, now),) = differs(lambda: self.record(cast, change, teams=[cast.south]))
        assert (question, was.split(",")[0], now.split(",")[0]) == ("Team", "North team", "South team")

    @pytest.mark.parametrize(
        ("name", "content", "found"),
        [
            ("new.txt", b"five questions", []),
            ("renamed.txt", b"five questions", []),
            ("newer.txt", b"six", [("File", "new.txt", "newer.txt")]),
            ("new.txt", b"six", [("File", "new.txt, as it was", "new.txt, another content")]),
        ],
    )
    def test_files_are_compared_by_what_is_in_them(
        self, cast: Cast, name: str, content: bytes, found: list[tuple[str, str, str]]
    ) -> None:
        change = a_change(cast)
        common: dict[str, Any] = {"kind": "revised-template", "teams": [cast.north], "no_previous_because": "It is new"}
        first = self.record(cast, change, upload=a_file("new.txt", b"five questions"), **common)

        def send() -> object:
            return self.record(cast, change, upload=a_file(name, content), **common)

        if found:
            assert differs(send) == found
        else:
            assert send() == first

    def test_the_version_it_replaces_counts_too(self, cast: Cast) -> None:
        change = a_change(cast)
        (earlier,) = a_template_in_use(cast, change, [cast.south])
        common: dict[str, Any] = {"kind": "revised-template", "upload": a_file("new.txt", b"newest")}
        self.record(cast, change, previous=a_file("old.txt", b"old"), **common)
        common["upload"] = a_file("new.txt", b"newest")
        ((question, was, _),) = differs(lambda: self.record(cast, change, previous=earlier.file, **common))
        assert (question, was) == ("The version it replaces", "old.txt")


class TestSomebodyElsesForm:
    """A key is one person's: nobody's words are passed off as another's, and nothing of the first is told."""

    def test_whatever_it_made(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding], key="k")
        an_action(cast, change=change, key="k")
        keep_briefing(by=cast.reviewer, at=NOW, change=change, text="Look twice.", submission_key="b")
        for send in (
            lambda: a_change(cast, findings=[finding], key="k", by=cast.lead),
            lambda: an_action(cast, change=change, key="k", by=cast.lead),
            lambda: keep_briefing(by=cast.lead, at=NOW, change=change, text="Look twice.", submission_key="b"),
        ):
            with pytest.raises(Invalid, match="already sent by somebody else") as no:
                send()
            assert not isinstance(no.value, SentBefore)


def text(answer: HttpResponse) -> str:
    return html.unescape(answer.content.decode())


class TestOnThePage:
    def test_what_was_typed_stays_and_can_be_sent_as_a_later_record(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(NOW)
        change, client = a_change(cast), signed_in(cast.reviewer)
        address = reverse("changes:briefing", args=[change.pk])
        assert client.post(address, {"submission_key": "b", "text": "Look twice."}).status_code == 302
        entries = TrailEntry.objects.count()
        answer = client.post(address, {"submission_key": "b", "text": "Look three times."})
        page = text(answer)
        assert answer.status_code == 409
        assert NOTICE in page
        assert page.count("Look three times.") == 2, "in the table of what differs, and still in the field"
        assert TrailEntry.objects.count() == entries, "nothing was written"
        fresh = re.findall(r'name="submission_key"[^>]*value="([^"]+)"', page)[0]
        assert fresh != "b"
        assert client.post(address, {"submission_key": fresh, "text": "Look three times."}).status_code == 302
        assert list(Briefing.objects.order_by("decided_at", "pk").values_list("text", flat=True)) == [
            "Look twice.",
            "Look three times.",
        ]

    def test_an_agreed_change_says_so_too(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(NOW)
        finding, client = a_finding(cast), signed_in(cast.reviewer)
        address = reverse("changes:new", args=[finding.review_id])
        typed = {
            "submission_key": "a-key",
            "findings": [str(finding.pk)],
            "monday": "The visit note asks five questions and does not close unanswered.",
            "change_type": "risk-prompt",
            "title": "Checklist",
            "owner": str(cast.duty_manager.pk),
            "go_live_on": "2026-03-11",
            "reach": [str(cast.north.pk)],
            "briefing": "",
        }
        assert client.post(address, typed).status_code == 302
        assert client.post(address, typed).status_code == 302, "the same again is the same change"
        answer = client.post(address, typed | {"owner": str(cast.supervisor.pk)})
        assert answer.status_code == 409
        assert NOTICE in text(answer)
        assert cast.supervisor.name in text(answer)
        assert OperationalChange.objects.get().owner == cast.duty_manager
