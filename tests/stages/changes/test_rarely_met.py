"""What is rarely met and must hold all the same: lists that changed, long texts, a key used for something else."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.changes.looking import open_change
from saferpractice.changes.models import Briefing, OperationalChange, RolloutProof
from saferpractice.changes.operations import (
    add_action,
    decide_evidence,
    give_evidence,
    go_live,
    hand_over_action,
    hand_over_change,
    keep_briefing,
    withdraw_change,
)
from saferpractice.changes.presenters import change_page
from saferpractice.changes.queries import comparison_of, graded, reporter_line
from saferpractice.changes.queries.versions import WHY_SAME_WORDS, WHY_TOO_LONG
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import Process
from tests.factories.changes import (
    a_change,
    a_live_change,
    a_template_in_use,
    an_action,
    some_evidence,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]

NIGHTLY = Process("the nightly run")


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(NOW)


def post(person: Person, name: str, *args: Any, **data: Any) -> tuple[int, str]:
    client = Client()
    client.force_login(person)
    response = client.post(reverse(f"changes:{name}", args=args), data)
    return response.status_code, html.unescape(response.content.decode())


class TestABriefingSentTwice:
    def test_is_kept_once(self, cast: Cast) -> None:
        change = a_change(cast)
        first = keep_briefing(by=cast.lead, at=NOW, change=change, text="Look twice.", submission_key="one")
        again = keep_briefing(by=cast.lead, at=NOW, change=change, text="Look twice.", submission_key="one")
        assert again == first
        assert Briefing.objects.count() == 1


class TestTooLongOrEmpty:
    @pytest.mark.parametrize(
        ("text", "sentence"), [(" \n", "Enter the message"), ("x" * 20_001, "Shorten this to 20,000")]
    )
    def test_a_briefing(self, cast: Cast, text: str, sentence: str) -> None:
        change = a_change(cast)
        with pytest.raises(Invalid, match=sentence):
            keep_briefing(by=cast.lead, at=NOW, change=change, text=text, submission_key="one")
        assert not Briefing.objects.exists()

    @pytest.mark.parametrize(("reason", "refused"), [("", True), ("  ", True), ("x" * 301, True), ("x" * 300, False)])
    def test_why_something_passes_on(self, cast: Cast, reason: str, refused: bool) -> None:
        change = a_change(cast)
        action = an_action(cast, change=change)

        def pass_both() -> None:
            hand_over_change(by=cast.lead, at=NOW, change=change, owner=cast.supervisor, reason=reason)
            hand_over_action(by=cast.lead, at=NOW, action=action, owner=cast.supervisor, reason=reason)

        if refused:
            with pytest.raises(Invalid) as no:
                pass_both()
            assert list(no.value.problems) == ["reason"]
        else:
            pass_both()
        assert OperationalChange.objects.get(pk=change.pk).owner == (cast.duty_manager if refused else cast.supervisor)

    @pytest.mark.parametrize("reason", ["", " \n "])
    def test_why_a_change_is_withdrawn(self, cast: Cast, reason: str) -> None:
        change = a_change(cast)
        with pytest.raises(Invalid) as no:
            withdraw_change(by=cast.lead, at=NOW, change=change, reason=reason)
        assert list(no.value.problems) == ["reason"]
        assert not hasattr(OperationalChange.objects.get(pk=change.pk), "withdrawal")

    def test_passing_to_who_has_it_already(self, cast: Cast) -> None:
        action = an_action(cast)
        with pytest.raises(Invalid, match="owns this action already"):
            hand_over_action(by=cast.lead, at=NOW, action=action, owner=cast.duty_manager, reason="New post")
        assert action.change is not None
        with pytest.raises(Invalid, match="owns this change already"):
            hand_over_change(by=cast.lead, at=NOW, change=action.change, owner=cast.duty_manager, reason="New post")


class TestGoingLive:
    @pytest.mark.parametrize(
        ("live_at", "sentence"),
        [
            (NOW + timedelta(minutes=6), "a time that has passed"),
            (NOW - timedelta(days=1), "it cannot go live before that"),
        ],
    )
    def test_a_moment_that_cannot_be_is_refused(self, cast: Cast, live_at: Any, sentence: str) -> None:
        with pytest.raises(Invalid, match=sentence) as no:
            go_live(by=cast.duty_manager, at=NOW, change=a_change(cast), live_at=live_at)
        assert list(no.value.problems) == ["live_at"]

    @pytest.mark.parametrize("live_at", [NOW, NOW + timedelta(minutes=5), NOW - timedelta(hours=2)])
    def test_the_same_day_and_a_clock_that_runs_a_little_fast_are_taken(self, cast: Cast, live_at: Any) -> None:
        """Two in the morning, so that two hours earlier is just this London day."""
        assert go_live(by=cast.duty_manager, at=NOW, change=a_change(cast), live_at=live_at).live_at == live_at


class TestListsThatChangedSince:
    """What was recorded under an entry that is no longer in force is still shown."""

    def test_a_kind_of_proof(self, cast: Cast) -> None:
        change = a_live_change(cast)
        (row,) = a_template_in_use(cast, change, [cast.north])
        RolloutProof.objects.create(
            change=change,
            team=cast.south,
            kind="drill",
            held_on=local_day(NOW),
            reached=9,
            needed=10,
            who="Nights",
            submission_key=uuid4().hex,
            decided_at=NOW,
            decided_by=cast.lead,
            decided_by_name=cast.lead.name,
            decided_by_role="",
        )
        shown = change_page(open_change(by=cast.lead, at=NOW, change_id=change.pk, page="change"), cast.lead, NOW)
        assert "drill" in shown["kinds"]
        assert [card.kind for card in shown["proofs"] if card.row != row] == ["drill"]
        assert shown["rolled_out"].is_proven

    @pytest.mark.parametrize("columns", [{"change_type": "dance"}, {"strength": "stronger"}])
    def test_a_type_that_now_says_something_else_explains_nothing(self, cast: Cast, columns: dict[str, str]) -> None:
        change = a_change(cast)
        opened = open_change(by=cast.lead, at=NOW, change_id=change.pk, page="change")
        assert change_page(opened, cast.lead, NOW)["graded"] is not None
        for name, value in columns.items():
            setattr(opened.change, name, value)
        shown = change_page(opened, cast.lead, NOW)
        assert shown["graded"] is None
        assert shown["strength"].text == opened.change.strength.capitalize()

    def test_a_type_not_in_force_has_no_grade(self, cast: Cast) -> None:
        with pytest.raises(KeyError, match="dance"):
            graded("dance", cannot_be_passed=False, provider_id=cast.provider.pk, on=local_day(NOW))


@pytest.mark.requirement("R3")
class TestVersions:
    @pytest.mark.parametrize(
        ("old", "new", "why_not"),
        [
            (b"One\nTwo\n", b"One\r\nTwo\r\n", WHY_SAME_WORDS),
            (b"One\n", b"a\n" * 2_001, WHY_TOO_LONG),
            (b"x" * 200_001, b"Short\n", WHY_TOO_LONG),
            (b"One\n", b"Two\n", ""),
        ],
    )
    def test_why_there_is_nothing_to_compare_is_said(self, cast: Cast, old: bytes, new: bytes, why_not: str) -> None:
        (row,) = a_template_in_use(cast, a_live_change(cast), [cast.north], old=old, new=new)
        assert row.file is not None
        assert row.previous_file is not None
        comparison = comparison_of(row.previous_file, row.file)
        assert comparison.why_not == why_not
        assert bool(comparison.lines) is (not why_not)


@pytest.mark.requirement("R15")
class TestAReminderKeptBesideAChange:
    def sent(self, cast: Cast, change: OperationalChange, **changes: Any) -> tuple[int, str]:
        finding = change.findings.get()
        data = {
            "submission_key": "a-key",
            "findings": [str(finding.pk)],
            "monday": "Remind staff to look.",
            "change_type": "risk-prompt",
            "title": "Checklist",
            "keep_with": str(change.pk),
        } | changes
        return post(cast.reviewer, "new", finding.review_id, **data)

    def test_words_too_long_to_keep_say_so_and_are_not_lost(self, cast: Cast) -> None:
        status, page = self.sent(cast, a_change(cast), monday="Remind staff. " + "x" * 20_000)
        assert status == 200
        assert "Shorten this to 20,000 characters." in page
        assert "Remind staff. xxx" in page
        assert not Briefing.objects.exists()

    @pytest.mark.parametrize("keep_with", ["", "not-an-id", "0192e4a0-0000-7000-8000-000000000000"])
    def test_beside_a_change_that_is_not_there_they_stay_in_the_form(self, cast: Cast, keep_with: str) -> None:
        status, page = self.sent(cast, a_change(cast), keep_with=keep_with)
        assert status == 200
        assert "Remind staff to look." in page
        assert "a reminder is not a control" in page
        assert not Briefing.objects.exists()

    def test_a_withdrawn_change_is_not_offered(self, cast: Cast) -> None:
        change = a_change(cast)
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        status, page = self.sent(cast, change)
        assert status == 200
        assert f'value="{change.pk}"' not in page
        assert not Briefing.objects.exists()


class TestAProcess:
    """The nightly run carries out what was agreed; it owns nothing and judges nobody."""

    def test_it_may_carry_a_change(self, cast: Cast) -> None:
        change = a_change(cast)
        assert go_live(by=NIGHTLY, at=NOW, change=change, live_at=NOW).decided_by is None

    def test_it_gives_out_an_action_once(self, cast: Cast) -> None:
        change = a_change(cast)
        for _ in range(2):
            action = add_action(
                by=NIGHTLY,
                at=NOW,
                change=change,
                what="Print the cards",
                owner=cast.supervisor,
                due_on=local_day(NOW),
                submission_key="one",
            )
        assert action.owner == cast.supervisor
        assert change.tracked_actions.count() == 1


class TestEvidenceGivenAgain:
    def test_the_same_words_from_the_same_person_are_the_same_evidence(self, cast: Cast) -> None:
        action = an_action(cast)
        assert some_evidence(action) == some_evidence(action)

    @pytest.mark.parametrize(("who", "words"), [("duty_manager", "Other words."), ("lead", "The form asks them.")])
    def test_anything_else_waits_for_the_decision(self, cast: Cast, who: str, words: str) -> None:
        action = an_action(cast)
        some_evidence(action, words="The form asks them.")
        with pytest.raises(Stale, match="already waits"):
            give_evidence(by=cast.people()[who], at=NOW, action=action, words=words, record="Form 14")

    def test_sent_back_and_given_again_each_stands_with_its_decision(self, cast: Cast) -> None:
        action = an_action(cast)
        for number, accepted in enumerate((False, False, True)):
            at = NOW + timedelta(hours=number)
            evidence = some_evidence(action, at=at, words=f"Try {number}")
            decide_evidence(by=cast.lead, at=at, evidence=evidence, accepted=accepted, reason="Seen.")
        told = [(one.words, one.decision.accepted) for one in action.evidence.order_by("decided_at")]
        assert told == [("Try 0", False), ("Try 1", False), ("Try 2", True)]


@pytest.mark.parametrize(
    ("live", "withdrawn", "words"),
    [
        (0, 0, "A change to how we work was agreed. It is not in use yet."),
        (1, 0, "A change to how we work was agreed and is in use."),
        (0, 1, None),
        (1, 1, None),
    ],
)
def test_the_reporter_hears_nothing_of_a_change_that_was_given_up(
    cast: Cast, live: int, withdrawn: int, words: str | None
) -> None:
    change = a_live_change(cast) if live else a_change(cast)
    if withdrawn:
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
    assert reporter_line(incident=change.findings.get().incident) == words
