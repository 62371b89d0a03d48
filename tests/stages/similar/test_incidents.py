"""Earlier incidents like this one: what is compared, and that nobody learns of one they may not open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saferpractice.access.operations import set_active
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import (
    correct_report,
    decide_restriction,
    keep_from,
    name_person,
    withdraw_incident,
)
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.incidents.search import holding_any
from saferpractice.similar import queries
from saferpractice.similar.queries import LikeIncident, similar_incidents
from tests.factories.similar import FALL, LEAVE, LEAVE_AGAIN, MONEY, OTHERS, TABLETS, VISIT, told
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10")]
BEFORE = NOW - timedelta(days=40)
READERS = ["duty_manager", "supervisor", "lead", "quality_lead", "director"]
"""Who may open an ordinary incident of North team."""


@pytest.fixture
def others(cast: Cast) -> list[Incident]:
    """Four earlier ones that went wrong in other ways."""
    return [told(cast, text, at=BEFORE) for text in OTHERS.values()]


@pytest.fixture
def now(cast: Cast, others: list[Incident]) -> Incident:
    """The new one."""
    return told(cast, LEAVE)


def found(incident: Incident, cast: Cast, who: str = "lead") -> list[LikeIncident]:
    return similar_incidents(incident, by=cast.people()[who], at=NOW)


def references(incident: Incident, cast: Cast, who: str = "lead") -> list[str]:
    return [like.incident.reference for like in found(incident, cast, who)]


class TestWhatIsCompared:
    def test_nothing_alike_is_nothing(self, cast: Cast, now: Incident) -> None:
        assert found(now, cast) == []

    def test_the_first_incident_of_all(self, cast: Cast) -> None:
        assert found(told(cast, LEAVE), cast) == []

    def test_the_same_mistake(self, cast: Cast, now: Incident) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        (like,) = found(now, cast)
        assert like.incident == again
        assert {"leave", "sheet"} <= set(like.words)

    @pytest.mark.parametrize("part", ["what_happened", "also_known"])
    def test_every_part_of_the_story(self, cast: Cast, now: Incident, part: str) -> None:
        story = {"what_happened": "See below.", "also_known": ""} | {part: LEAVE_AGAIN}
        again = told(cast, story.pop("what_happened"), at=BEFORE, **story)
        assert references(now, cast) == [again.reference]

    def test_what_was_done_is_not_what_happened(self, cast: Cast, now: Incident) -> None:
        told(cast, "See below.", at=BEFORE, done_at_once=LEAVE_AGAIN)
        assert found(now, cast) == []

    @pytest.mark.parametrize("corrected", ["the earlier", "the new"])
    def test_what_was_learnt_later(self, cast: Cast, others: list[Incident], corrected: str) -> None:
        bare = "There was an incident on the ward."
        earlier = told(cast, bare if corrected == "the earlier" else LEAVE_AGAIN, at=BEFORE)
        new = told(cast, LEAVE if corrected == "the earlier" else bare)
        assert found(new, cast) == []
        which, learnt = (earlier, LEAVE_AGAIN) if corrected == "the earlier" else (new, LEAVE)
        correct_report(by=cast.lead, at=NOW, incident=which, part="what", text=learnt, reason="From the notes")
        assert references(new, cast) == [earlier.reference]

    def test_what_stands_in_a_correction_can_be_taken_from_nobody_else(self, cast: Cast, now: Incident) -> None:
        """A correction of one incident is not read as part of another."""
        told(cast, MONEY, at=BEFORE)
        fall = told(cast, FALL, at=BEFORE)
        correct_report(by=cast.lead, at=NOW, incident=fall, part="what", text=LEAVE_AGAIN, reason="From the notes")
        assert references(now, cast) == [fall.reference]

    @pytest.mark.parametrize(
        ("known", "recorded", "is_before"),
        [
            (timedelta(days=-1), timedelta(days=-1), True),
            (timedelta(0), timedelta(0), True),
            (timedelta(days=1), timedelta(days=1), False),
            (timedelta(days=-300), timedelta(days=1), True),
        ],
        ids=["before", "at one moment", "after", "long ago, imported since"],
    )
    def test_only_what_was_known_before(
        self, cast: Cast, now: Incident, known: timedelta, recorded: timedelta, is_before: bool
    ) -> None:
        other = told(
            cast, LEAVE_AGAIN, at=NOW + recorded, known_at=NOW + known, occurred_at=BEFORE - timedelta(days=400)
        )
        assert references(now, cast) == ([other.reference] if is_before else [])

    def test_the_likest_first_and_five_at_most(self, cast: Cast, now: Incident) -> None:
        for _ in range(5):
            told(cast, LEAVE_AGAIN, at=BEFORE)
        same = told(cast, LEAVE, at=BEFORE - timedelta(days=1))
        listed = references(now, cast)
        assert listed[0] == same.reference
        assert len(listed) == 5

    def test_the_newest_first_of_those_equally_alike(self, cast: Cast, now: Incident) -> None:
        made = [told(cast, LEAVE_AGAIN, at=BEFORE + timedelta(days=day)) for day in (2, 0, 1)]
        assert references(now, cast) == [made[0].reference, made[2].reference, made[1].reference]


class TestWhoseTheyAre:
    """Who opens the new incident, and whether an earlier one in each state is named to them."""

    @pytest.mark.parametrize("who", READERS)
    def test_ordinary(self, cast: Cast, now: Incident, who: str) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        assert references(now, cast, who) == [again.reference]

    @pytest.mark.parametrize("who", READERS)
    def test_restricted_and_not_named(self, cast: Cast, now: Incident, who: str) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        decide_restriction(by=cast.lead, at=BEFORE, incident=again, restricted=True, reason="About a colleague")
        assert references(now, cast, who) == ([again.reference] if who == "lead" else [])

    @pytest.mark.parametrize("named", [False, True])
    def test_a_reviewer_sees_those_they_were_named_on(self, cast: Cast, now: Incident, named: bool) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        if named:
            name_person(by=cast.lead, at=BEFORE, incident=again, person=cast.reviewer, reason="Reviews it")
        assert references(now, cast, "reviewer") == ([again.reference] if named else [])

    @pytest.mark.parametrize(("until", "sees"), [(None, True), (timedelta(hours=1), True), (timedelta(0), False)])
    def test_restricted_and_named(self, cast: Cast, now: Incident, until: timedelta | None, sees: bool) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        decide_restriction(by=cast.lead, at=BEFORE, incident=again, restricted=True, reason="About a colleague")
        name_person(by=cast.lead, at=BEFORE, incident=again, person=cast.reviewer, reason="Reviews it")
        again.named_access.filter(person=cast.reviewer).update(until_at=None if until is None else NOW + until)
        assert bool(references(now, cast, "reviewer")) is sees

    @pytest.mark.parametrize("who", READERS)
    def test_of_another_service(self, cast: Cast, now: Incident, who: str) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE, by=cast.worker_elsewhere, team=cast.east)
        sees = who in {"lead", "quality_lead", "director"}
        assert references(now, cast, who) == ([again.reference] if sees else [])

    @pytest.mark.parametrize("who", READERS)
    def test_withdrawn(self, cast: Cast, now: Incident, who: str) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        withdraw_incident(by=cast.lead, at=BEFORE, incident=again, reason="Reported twice")
        assert references(now, cast, who) == []

    @pytest.mark.parametrize("who", READERS)
    def test_kept_from_it(self, cast: Cast, now: Incident, who: str) -> None:
        again = told(cast, LEAVE_AGAIN, at=BEFORE)
        keeper = cast.director if who == "lead" else cast.lead
        keep_from(
            by=keeper, at=BEFORE, incident=again, person=cast.people()[who], because=KeptFromReason.ALLEGED_SOURCE
        )
        assert references(now, cast, who) == []

    @pytest.mark.parametrize("who", ["worker", "colleague", "administrator", "commissioner", "inspector", "stranger"])
    def test_those_who_open_no_incident(self, cast: Cast, now: Incident, who: str) -> None:
        told(cast, LEAVE_AGAIN, at=BEFORE)
        assert references(now, cast, who) == []

    def test_somebody_who_left(self, cast: Cast, now: Incident) -> None:
        told(cast, LEAVE_AGAIN, at=BEFORE)
        set_active(by=cast.administrator, at=NOW, person=cast.quality_lead, active=False)
        cast.quality_lead.refresh_from_db()
        assert references(now, cast, "quality_lead") == []


class TestNoTrace:
    """What is hidden from somebody changes nothing they see: not which are named, nor their order, nor the words."""

    @pytest.mark.parametrize("who", ["duty_manager", "supervisor", "quality_lead", "director"])
    def test_everything_as_if_the_hidden_ones_did_not_exist(self, cast: Cast, now: Incident, who: str) -> None:
        near = LEAVE_AGAIN.replace("leave sheet", "form")
        for text in (LEAVE_AGAIN, near):
            told(cast, text, at=BEFORE)
        before = found(now, cast, who)
        assert len(before) == 2
        hidden = [LEAVE] * 7 + [LEAVE_AGAIN] * 4 + ["unescorted blank police sheet"] * 6
        for text in hidden:
            one = told(cast, text, at=BEFORE)
            decide_restriction(by=cast.lead, at=BEFORE, incident=one, restricted=True, reason="About a colleague")
        assert found(now, cast, who) == before
        assert found(now, cast, "lead") != before, "who is named on them does see them"

    def test_what_is_older_than_the_newest_too(
        self, cast: Cast, now: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "NEWEST", 4)
        monkeypatch.setattr(queries, "OLDER", 2)
        told(cast, LEAVE_AGAIN, at=BEFORE - timedelta(days=1))
        before = found(now, cast, "director")
        assert len(before) == 1
        for day in range(6):
            for at in (BEFORE + timedelta(days=day), BEFORE - timedelta(hours=day)):
                one = told(cast, LEAVE, at=at)
                decide_restriction(by=cast.lead, at=at, incident=one, restricted=True, reason="About a colleague")
        assert found(now, cast, "director") == before


class TestMany:
    """More incidents than are compared one by one: the older are reached by their rare words."""

    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "NEWEST", 4)
        monkeypatch.setattr(queries, "OLDER", 2)

    def test_an_older_one_is_found(self, cast: Cast, now: Incident) -> None:
        older = told(cast, LEAVE_AGAIN, at=BEFORE - timedelta(days=300))
        assert references(now, cast) == [older.reference]

    def test_the_newest_of_the_older(self, cast: Cast, now: Incident) -> None:
        made = [told(cast, LEAVE_AGAIN, at=BEFORE - timedelta(days=day)) for day in (3, 1, 2)]
        assert references(now, cast) == [made[1].reference, made[2].reference]

    def test_none_by_common_words_alone(self, cast: Cast, now: Incident) -> None:
        """Every word of the older one is said by a newer one too, so nothing leads to it."""
        for _ in range(4):
            told(cast, LEAVE_AGAIN, at=BEFORE + timedelta(days=1))
        older = told(cast, LEAVE_AGAIN, at=BEFORE - timedelta(days=300))
        assert older.reference not in references(now, cast)

    def test_each_once_where_many_were_recorded_at_one_moment(self, cast: Cast, now: Incident) -> None:
        at = BEFORE + timedelta(days=1)
        older = [told(cast, LEAVE, at=at).reference for _ in range(2)]
        newest = [told(cast, LEAVE_AGAIN, at=at).reference for _ in range(4)]
        listed = references(now, cast)
        assert listed[:2] == older[::-1]
        assert listed[2:] == newest[:0:-1]

    def test_where_few_are_visible_no_index_is_asked(self, cast: Cast) -> None:
        new = told(cast, LEAVE)
        with CaptureQueriesContext(connection) as made:
            found(new, cast)
        assert "incidents_search" not in "".join(query["sql"] for query in made)


def test_the_same_few_statements_however_many_there_are(cast: Cast, now: Incident) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            found(now, cast)
        return len(made)

    told(cast, LEAVE_AGAIN, at=BEFORE)
    asked()
    few = asked()
    for _ in range(6):
        told(cast, LEAVE_AGAIN, at=BEFORE)
    assert asked() == few


class TestHoldingAny:
    """Which incidents hold at least one of some words."""

    @pytest.mark.parametrize(
        ("words", "held"),
        [
            ((), []),
            (("ligature",), []),
            (("trolley",), ["tablets"]),
            (("trolley", "curtains"), ["tablets", "visit"]),
            (("trolley", "ligature"), ["tablets"]),
            (("slipping",), ["fall"]),
            (("near", "trolley"), ["tablets"]),
            (("ключ",), []),
        ],
    )
    def test_any_of_them(self, cast: Cast, words: tuple[str, ...], held: list[str]) -> None:
        made = {told(cast, text).pk: name for name, text in OTHERS.items()}
        assert sorted(made[one.pk] for one in holding_any(Incident.objects.all(), words)) == held

    def test_it_stays_within_those_given(self, cast: Cast) -> None:
        told(cast, TABLETS)
        visit = told(cast, VISIT)
        assert list(holding_any(Incident.objects.filter(pk=visit.pk), ("trolley", "curtains"))) == [visit]
