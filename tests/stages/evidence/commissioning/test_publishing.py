"""Publishing a quarter to commissioners: by whom, once, with what, and never changed by what comes later."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from saferpractice.changes.models import OperationalChange
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.queries.commissioning import standing_targets, targets_agreed
from saferpractice.evidence.queries.to_publish import told_changes
from saferpractice.evidence.rules.commissioning.published import from_data
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.evidence.rules.thematic.signing import hash_of
from saferpractice.incidents.operations import decide_restriction
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.changes import a_live_change
from tests.factories.commissioning import IN_QUARTER, PUBLISHED_AT, QUARTER, TRIAGE, a_target, duties, published
from tests.factories.findings import a_finding
from tests.factories.incidents import an_incident
from tests.factories.register import a_clause, a_need, trained
from tests.factories.reviews import a_review
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.requirement("R32"), pytest.mark.usefixtures("db")]


def triage_in(row: PublishedQuarter) -> str:
    measure = from_data(row.data).measure(TRIAGE)
    assert measure is not None
    return measure.whole.words


@pytest.mark.parametrize("name", ["quality_lead", "director"])
def test_who_answers_for_it_publishes(cast: Cast, name: str) -> None:
    assert published(cast, by=cast.people()[name]).decided_by_name == cast.people()[name].name


@pytest.mark.parametrize(
    "name",
    [
        "worker",
        "duty_manager",
        "lead",
        "reviewer",
        "supervisor",
        "administrator",
        "commissioner",
        "inspector",
        "stranger",
    ],
)
def test_nobody_else_publishes(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="publish to commissioners"):
        published(cast, by=cast.people()[name])
    with pytest.raises(Refused, match="publish to commissioners"):
        a_target(cast, by=cast.people()[name])
    assert not PublishedQuarter.objects.exists()
    assert not ContractTarget.objects.exists()


@pytest.mark.parametrize(
    ("quarter", "at"),
    [
        (Quarter(2025, 4), PUBLISHED_AT),
        (QUARTER, datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
    ],
    ids=["running", "on its last day"],
)
def test_a_quarter_that_is_not_over_is_not_published(cast: Cast, quarter: Quarter, at: datetime) -> None:
    with pytest.raises(Invalid, match="not over"):
        published(cast, quarter=quarter, at=at)


def test_it_is_published_once(cast: Cast) -> None:
    duties(cast.north, 30)
    first = published(cast)
    duties(cast.north, 40, 40)
    with pytest.raises(Stale, match="published once"):
        published(cast, at=PUBLISHED_AT + timedelta(days=40))
    assert PublishedQuarter.objects.get() == first


def test_what_is_written_down_later_changes_nothing(cast: Cast) -> None:
    """Yesterday's page beside today's tells nothing: it is the same page."""
    duties(cast.north, 30, 10)
    row = published(cast)
    duties(cast.north, 1)
    assert triage_in(PublishedQuarter.objects.get(pk=row.pk)) == triage_in(row) == "about 75%"


def test_what_is_written_down_later_is_not_in_the_next_quarter_either(cast: Cast) -> None:
    duties(cast.north, 30, 10)
    published(cast)
    duties(cast.north, 7)
    later = published(cast, quarter=QUARTER.after(), at=PUBLISHED_AT + timedelta(days=90))
    assert triage_in(later) == "[c]"


def test_the_database_holds_it_as_it_is(cast: Cast) -> None:
    row, target = published(cast), a_target(cast)
    for change in (
        lambda: PublishedQuarter.objects.filter(pk=row.pk).update(number=1),
        lambda: PublishedQuarter.objects.filter(pk=row.pk).delete(),
        lambda: ContractTarget.objects.filter(pk=target.pk).update(target=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_trail_says_what_was_published_by_its_hash(cast: Cast) -> None:
    row = published(cast)
    entry = TrailEntry.objects.get(subject_id=row.pk)
    assert entry.sentence == "published Q3 2025/26 to commissioners"
    assert entry.facts["sha256"] == row.sha256 == hash_of(row.data)


@pytest.mark.requirement("R33")
class TestWhatIsTold:
    @pytest.fixture
    def change(self, cast: Cast) -> OperationalChange:
        return a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")

    def test_a_change_that_somebody_read_and_chose(self, cast: Cast, change: OperationalChange) -> None:
        row = published(cast, changes=[change.pk])
        (one,) = from_data(row.data).learned
        assert (one.title, one.verdict) == ("Five questions in the visit note", "Not checked yet")
        assert one.rollout == "Live, rollout not proven"
        assert one.kind != change.change_type, "in the words of the list"

    def test_what_it_answers_is_told_in_the_words_of_the_list(self, cast: Cast) -> None:
        """What was learned, and nothing of how somebody wrote it."""
        review = a_review(cast, at=IN_QUARTER)
        findings = [
            a_finding(review, cast, at=IN_QUARTER, condition=one) for one in ("unclear-threshold", "no-duty-cover")
        ]
        change = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note", findings=findings)
        row = published(cast, changes=[change.pk])
        (one,) = from_data(row.data).learned
        assert one.condition == "Lack of duty cover; Unclear threshold"
        assert findings[0].statement not in json.dumps(row.data)

    @pytest.mark.parametrize("which", ["the only one", "one of two"])
    def test_what_answers_a_restricted_incident_is_not_offered(self, which: str, cast: Cast) -> None:
        """A title that is told outside would say that there is one."""
        hidden = a_review(cast, at=IN_QUARTER)
        findings = [a_finding(hidden, cast, at=IN_QUARTER)]
        if which == "one of two":
            findings.append(a_finding(a_review(cast, at=IN_QUARTER), cast, at=IN_QUARTER))
        change = a_live_change(cast, at=IN_QUARTER, title="Two keys to the front door", findings=findings)
        assert change.pk in told_changes(cast.provider, QUARTER, PUBLISHED_AT)
        decide_restriction(
            by=SET_UP, at=PUBLISHED_AT, incident=hidden.incident, restricted=True, reason="Few may know of it."
        )
        assert change.pk not in told_changes(cast.provider, QUARTER, PUBLISHED_AT)
        with pytest.raises(Invalid, match="offered"):
            published(cast, changes=[change.pk])

    def test_how_far_it_went_into_training_and_the_specification(self, cast: Cast, change: OperationalChange) -> None:
        def went() -> tuple[str, str]:
            told = told_changes(cast.provider, QUARTER, PUBLISHED_AT)[change.pk].learned
            return told.training, told.specification

        assert went() == ("Nothing recorded", "Nothing recorded")
        need = a_need(change, by=SET_UP, at=PUBLISHED_AT)
        a_clause(change, by=SET_UP, at=PUBLISHED_AT)
        assert went() == ("Under way", "Under way")
        trained(need, cast.worker, cast.colleague, by=SET_UP, at=PUBLISHED_AT, on=PUBLISHED_AT.date())
        a_clause(change, by=SET_UP, at=PUBLISHED_AT, clause="Schedule 2A, 3.5", wanted_by=PUBLISHED_AT.date())
        assert went() == ("Everybody is trained", "Under way")
        later = told_changes(cast.provider, QUARTER, PUBLISHED_AT + timedelta(days=3))[change.pk].learned
        assert later.specification == "Overdue", "what is most left to do of is said"

    def test_nothing_is_told_that_nobody_chose(self, cast: Cast, change: OperationalChange) -> None:
        row = published(cast)
        assert change.pk in told_changes(cast.provider, QUARTER, PUBLISHED_AT)
        assert from_data(row.data).learned == ()
        assert change.title not in json.dumps(row.data)

    def test_a_change_that_went_live_after_the_quarter_is_not_offered(self, cast: Cast) -> None:
        later = a_live_change(cast, at=PUBLISHED_AT, title="A later change")
        with pytest.raises(Invalid, match="offered"):
            published(cast, changes=[later.pk])
        with pytest.raises(Invalid, match="offered"):
            published(cast, changes=[uuid4()])

    @pytest.mark.parametrize("title", ["What Wren does first", "P-204 is visited by two", "Ring 0207 946 0000"])
    def test_a_title_that_names_somebody_is_not_offered(self, cast: Cast, title: str) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER, person_reference="P-204")
        named = a_live_change(cast, at=IN_QUARTER, title=title)
        assert named.pk not in told_changes(cast.provider, QUARTER, PUBLISHED_AT)
        with pytest.raises(Invalid, match="offered"):
            published(cast, changes=[named.pk])

    def test_nor_one_that_holds_the_name_of_somebody_supported(self, cast: Cast) -> None:
        an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER, person_reference="P-9", person_name="Marigold Quennell"
        )
        named = a_live_change(cast, at=IN_QUARTER, title="A second visit, after Quennell")
        assert named.pk not in told_changes(cast.provider, QUARTER, PUBLISHED_AT)


class TestTargets:
    def test_the_newest_that_has_begun_holds(self, cast: Cast) -> None:
        a_target(cast, target=80)
        a_target(cast, target=90, from_quarter=QUARTER.after())
        held = {one: [each.target for each in standing_targets(cast.provider.pk, one)] for one in _around()}
        assert list(held.values()) == [[], [80], [90], [90]]

    def test_one_that_is_put_right_stands_for_the_same_quarter(self, cast: Cast) -> None:
        a_target(cast, target=80)
        a_target(cast, target=85, at=PUBLISHED_AT + timedelta(days=1))
        (one,) = standing_targets(cast.provider.pk, QUARTER)
        assert (one.target, ContractTarget.objects.count()) == (85, 2)

    def test_one_that_is_ended_holds_no_more_and_did_before(self, cast: Cast) -> None:
        a_target(cast)
        a_target(cast, target=None, from_quarter=QUARTER.after(), at=PUBLISHED_AT + timedelta(days=1))
        assert [len(standing_targets(cast.provider.pk, one)) for one in _around()] == [0, 1, 0, 0]
        assert targets_agreed(cast.provider.pk) == []

    def test_one_of_another_provider_is_not_theirs(self, cast: Cast) -> None:
        a_target(cast)
        assert standing_targets(cast.stranger.provider_id, QUARTER) == []

    @pytest.mark.parametrize(
        ("given", "field"), [({"target": 101}, "target"), ({"target": -1}, "target"), ({"measure": " "}, "measure")]
    )
    def test_what_is_no_target_is_refused(self, cast: Cast, given: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            a_target(cast, **given)
        assert field in refused.value.problems

    def test_a_form_sent_twice_is_one_target(self, cast: Cast) -> None:
        first = a_target(cast, submission_key="once")
        assert a_target(cast, submission_key="once") == first
        with pytest.raises(SentBefore) as refused:
            a_target(cast, submission_key="once", target=70)
        assert "at least 80%" in str(refused.value.differences)
        assert ContractTarget.objects.count() == 1


def _around() -> list[Quarter]:
    return [QUARTER.before(), QUARTER, QUARTER.after(), QUARTER.after().after()]
