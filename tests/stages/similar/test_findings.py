"""Earlier findings like this one: what is compared, whose they are, and the changes that answered them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from saferpractice.changes.operations import withdraw_change
from saferpractice.findings.beside import Beside, beside, register
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import correct_finding
from saferpractice.incidents.operations import decide_restriction, keep_from, name_person, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.similar import queries
from saferpractice.similar.after import what_answered
from saferpractice.similar.queries import LikeFinding, similar_findings
from tests.factories.changes import a_change, a_finding, a_live_change
from tests.factories.findings import finding_words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10"), pytest.mark.requirement("R13")]
BEFORE = NOW - timedelta(days=40)

LEAVE = {
    "condition": "fragmented-information",
    "statement": "The leave sheet does not ask who decided, so unescorted leave was given against the plan.",
    "made_more_likely": "Three sheets are in use, and the shift that gives leave is not the one that decides it.",
}
LEAVE_AGAIN = {
    "condition": "fragmented-information",
    "statement": "Nobody decided who gives leave: the sheet was blank, and the shift gave unescorted leave.",
    "made_more_likely": "The plan and the leave sheet are kept apart, and only one of them asks who decided.",
}
ALARMS = {
    "condition": "no-duty-cover",
    "statement": "The alarm cannot be heard beyond the corridor, so help came late.",
    "made_more_likely": "Batteries are changed when somebody remembers, and the test is not written down.",
}


@pytest.fixture
def now(cast: Cast) -> Finding:
    """The new one, with an earlier one about something else."""
    found(cast, BEFORE, **ALARMS)
    return found(cast, NOW, **LEAVE)


def found(cast: Cast, at: Any = BEFORE, **words: Any) -> Finding:
    finding = a_finding(cast, at=at, **(LEAVE_AGAIN | words))
    return Finding.objects.get(pk=finding.pk)


def alike(finding: Finding, cast: Cast, who: str = "lead") -> list[LikeFinding]:
    return similar_findings([finding], by=cast.people()[who], at=NOW + timedelta(days=1))[finding.pk]


def keys(finding: Finding, cast: Cast, who: str = "lead") -> list[Finding]:
    return [like.finding for like in alike(finding, cast, who)]


class TestWhatIsCompared:
    def test_none_asked_about(self, cast: Cast) -> None:
        assert similar_findings([], by=cast.lead, at=NOW) == {}

    def test_nothing_alike_is_nothing(self, cast: Cast, now: Finding) -> None:
        assert alike(now, cast) == []

    def test_the_same_condition_in_other_words(self, cast: Cast, now: Finding) -> None:
        again = found(cast)
        (like,) = alike(now, cast)
        assert like.finding == again
        assert {"leave", "sheet"} <= set(like.words)

    def test_another_condition_in_the_same_words(self, cast: Cast, now: Finding) -> None:
        again = found(cast, condition="no-duty-cover")
        assert keys(now, cast) == [again]

    def test_what_would_help_is_not_compared(self, cast: Cast, now: Finding) -> None:
        text = f"{LEAVE_AGAIN['statement']} {LEAVE_AGAIN['made_more_likely']}"
        found(cast, **(ALARMS | {"reduces_recurrence": text}))
        assert alike(now, cast) == []

    @pytest.mark.parametrize(("later", "is_before"), [(-1, True), (0, True), (1, False)])
    def test_only_earlier_ones(self, cast: Cast, now: Finding, later: int, is_before: bool) -> None:
        other = found(cast, NOW + timedelta(hours=later))
        assert keys(now, cast) == ([other] if is_before else [])

    def test_each_has_its_own_earlier_ones(self, cast: Cast, now: Finding) -> None:
        between = found(cast, NOW + timedelta(hours=1))
        last = found(cast, NOW + timedelta(hours=2), **LEAVE)
        got = similar_findings([now, last], by=cast.lead, at=NOW + timedelta(days=1))
        assert [like.finding for like in got[now.pk]] == []
        assert [like.finding for like in got[last.pk]] == [between]

    def test_none_of_the_same_incident(self, cast: Cast, now: Finding) -> None:
        a_finding(cast, review=now.review, at=NOW, **LEAVE_AGAIN)
        assert alike(now, cast) == []

    def test_one_put_right_is_found_as_it_stands(self, cast: Cast, now: Finding) -> None:
        wrong = found(cast)
        right = finding_words(wrong.review, **(LEAVE_AGAIN | {"reduces_recurrence": "One sheet for all wards."}))
        because = "It can be said more clearly."
        corrected = correct_finding(by=cast.lead, at=BEFORE, finding=wrong, words=right, corrected_because=because)
        assert keys(now, cast) == [corrected]

    def test_the_newest_where_there_are_too_many(
        self, cast: Cast, now: Finding, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "NEWEST", 2)
        found(cast, BEFORE - timedelta(days=1))
        newer = [found(cast, BEFORE + timedelta(days=day)) for day in (1, 2)]
        assert keys(now, cast) == newer[::-1]


class TestWhoseTheyAre:
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            *((who, True) for who in ("duty_manager", "supervisor", "lead", "reviewer", "quality_lead", "director")),
            *((who, False) for who in ("worker", "administrator", "commissioner", "inspector", "stranger")),
            ("duty_manager_elsewhere", False),
        ],
    )
    def test_ordinary(self, cast: Cast, now: Finding, who: str, sees: bool) -> None:
        again = found(cast)
        assert keys(now, cast, who) == ([again] if sees else [])

    @pytest.mark.parametrize("who", ["duty_manager", "supervisor", "quality_lead", "director"])
    def test_a_restricted_one_leaves_no_trace(self, cast: Cast, now: Finding, who: str) -> None:
        found(cast)
        before = alike(now, cast, who)
        for words in (LEAVE, LEAVE_AGAIN, LEAVE):
            hidden = found(cast, **words)
            decide_restriction(by=cast.lead, at=BEFORE, incident=hidden.incident, restricted=True, reason="A colleague")
        assert alike(now, cast, who) == before
        assert len(alike(now, cast, "lead")) == 4

    def test_named_on_a_restricted_one(self, cast: Cast, now: Finding) -> None:
        again = found(cast)
        decide_restriction(by=cast.lead, at=BEFORE, incident=again.incident, restricted=True, reason="A colleague")
        name_person(by=cast.lead, at=BEFORE, incident=again.incident, person=cast.director, reason="Signs it off")
        assert keys(now, cast, "director") == [again]
        assert keys(now, cast, "quality_lead") == []

    def test_of_a_withdrawn_incident(self, cast: Cast, now: Finding) -> None:
        withdraw_incident(by=cast.lead, at=BEFORE, incident=found(cast).incident, reason="Reported twice")
        assert alike(now, cast) == []

    def test_kept_from_it(self, cast: Cast, now: Finding) -> None:
        again = found(cast)
        source = KeptFromReason.ALLEGED_SOURCE
        keep_from(by=cast.lead, at=BEFORE, incident=again.incident, person=cast.director, because=source)
        assert keys(now, cast, "director") == []
        assert keys(now, cast, "quality_lead") == [again]


class TestWhatAnsweredThem:
    def test_nothing(self, cast: Cast, now: Finding) -> None:
        assert what_answered([now]) == {now.pk: ()}

    def test_the_changes_of_that_finding_and_no_other(self, cast: Cast, now: Finding) -> None:
        other = a_finding(cast, review=now.review, at=NOW, **ALARMS)
        a_change(cast, findings=[other], title="Louder alarms")
        a_live_change(cast, findings=[now], title="One leave sheet")
        told = what_answered([now, other])
        assert [(one.title, one.state, one.worked) for one in told[now.pk]] == [
            ("One leave sheet", "Live, rollout not proven", "")
        ]
        assert [one.title for one in told[other.pk]] == ["Louder alarms"]

    def test_not_one_that_was_given_up(self, cast: Cast, now: Finding) -> None:
        change = a_change(cast, findings=[now])
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        assert what_answered([now]) == {now.pk: ()}


class TestBeside:
    """What later stages put under a finding."""

    @pytest.fixture(autouse=True)
    def _alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.findings.beside._sources", [])

    def test_nobody_has_anything(self, cast: Cast, now: Finding) -> None:
        assert beside([now], by=cast.lead, at=NOW) == {now.pk: []}

    def test_in_the_order_they_registered_each_once(self, cast: Cast, now: Finding) -> None:
        first, second = Beside("a.html", {"n": 1}), Beside("b.html", {"n": 2})

        def source(findings: Any, by: Any, at: Any) -> Any:
            assert (list(findings), by, at) == ([now], cast.lead, NOW)
            return {now.pk: first}

        for each in (source, source, lambda findings, by, at: {one.pk: second for one in findings}, lambda *_: {}):
            register(each)
        assert beside([now], by=cast.lead, at=NOW) == {now.pk: [first, second]}
