"""Recording and correcting findings: system conditions, with what they rest on (R1, R13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import ANSWER, correct_finding, record_finding
from saferpractice.incidents.operations import decide_restriction
from saferpractice.lists.models import ListEntry
from saferpractice.lists.queries import codes
from saferpractice.reviews.operations import correct_timeline_entry
from saferpractice.reviews.queries import missing_of
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.findings import BLAMING, KEPT, STATEMENT, a_finding, finding_words
from tests.factories.reviews import a_review, an_entry, completed, unstaffed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R1", "R13")]

LATER = NOW + timedelta(days=1)


class TestRecording:
    def test_a_condition_a_statement_two_answers_and_evidence(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer)
        finding = a_finding(review, cast)
        assert (finding.condition, finding.statement) == ("no-duty-cover", STATEMENT)
        assert finding.made_more_likely.startswith("One person held the duty phone")
        assert finding.reduces_recurrence.startswith("A named handover")
        assert list(finding.evidence.all()) == [entry]
        assert (finding.team, finding.incident, finding.decided_by) == (cast.north, review.incident, cast.reviewer)

    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_is_the_document_the_review_requires(self, cast: Cast, tier: str) -> None:
        review = a_review(cast, tier)
        assert "findings" in {one.kind for one in missing_of(review)}
        finding = a_finding(review, cast)
        assert "findings" not in {one.kind for one in missing_of(review)}
        document = review.documents.get(kind="findings")
        assert (document.from_type, document.from_id) == ("findings.finding", finding.pk)

    def test_asks_for_a_change(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        asked = Obligation.objects.get(kind=ANSWER)
        assert (asked.subject_id, asked.role, asked.story_id) == (finding.pk, Role.QUALITY_LEAD, finding.incident_id)
        assert asked.title.startswith("Answer a finding with a change: lack of duty cover")
        assert asked.clock == "local"

    def test_of_a_restricted_incident_it_asks_somebody_who_may_open_it(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        decide_restriction(by=cast.lead, at=NOW, incident=review.incident, restricted=True, reason="An allegation")
        a_finding(review, cast)
        asked = Obligation.objects.get(kind=ANSWER)
        assert (asked.role, asked.restricted) == (Role.SAFEGUARDING_LEAD, True)

    def test_the_very_same_again_adds_nothing(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        first = a_finding(review, cast)
        entries = TrailEntry.objects.count()
        assert a_finding(review, cast) == first
        assert (Finding.objects.count(), TrailEntry.objects.count()) == (1, entries)

    def test_several_findings_stand_side_by_side(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        a_finding(review, cast)
        a_finding(
            review, cast, condition="poor-follow-up", statement="No step followed a second missed visit, so none came."
        )
        assert Finding.objects.standing().filter(review=review).count() == 2
        assert Obligation.objects.filter(kind=ANSWER).count() == 2

    def test_the_story_says_which_condition(self, cast: Cast) -> None:
        a_finding(a_review(cast, "B"), cast)
        entry = TrailEntry.objects.get(operation="findings.record_finding")
        assert entry.sentence == "found a system condition: lack of duty cover"

    def test_every_condition_of_the_brief_is_there(self, cast: Cast) -> None:
        listed = codes("system-conditions", provider_id=cast.provider.pk, on=NOW.date())
        assert listed >= {
            "unclear-threshold",
            "no-duty-cover",
            "fragmented-information",
            "inconsistent-safety-planning",
            "poor-follow-up",
            "weak-multi-agency-pathway",
        }

    def test_a_condition_of_the_providers_own(self, cast: Cast) -> None:
        ListEntry.objects.create(
            provider=cast.provider,
            list_code="system-conditions",
            code="lone-working",
            label="Lone working",
            source="Our own reviews",
            valid_from=NOW.date(),
            added_at=NOW,
        )
        finding = a_finding(a_review(cast, "B"), cast, condition="lone-working")
        assert TrailEntry.objects.filter(sentence="found a system condition: lone working").exists()
        assert finding.condition == "lone-working"


class TestRefused:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"condition": ""}, "condition"),
            ({"condition": "human-error"}, "condition"),
            ({"condition": "'; drop table findings_finding; --"}, "condition"),
            ({"statement": ""}, "statement"),
            ({"statement": "n/a"}, "statement"),
            ({"made_more_likely": "  "}, "made_more_likely"),
            ({"reduces_recurrence": "as above"}, "reduces_recurrence"),
            ({"evidence": ()}, "evidence"),
        ],
    )
    def test_what_is_lacking_is_named(self, cast: Cast, changes: dict[str, Any], field: str) -> None:
        review = a_review(cast, "B")
        an_entry(review, by=cast.reviewer)
        with pytest.raises(Invalid) as refused:
            a_finding(review, cast, **changes)
        assert field in refused.value.problems
        assert not Finding.objects.exists()
        assert not Obligation.objects.filter(kind=ANSWER).exists()

    def test_another_reviews_timeline_is_no_evidence(self, cast: Cast) -> None:
        other = an_entry(a_review(cast, "B"), by=cast.reviewer)
        review = a_review(cast, "B")
        an_entry(review, by=cast.reviewer)
        for ids in ((other.pk,), (uuid4(),)):
            with pytest.raises(Invalid) as refused:
                a_finding(review, cast, evidence=ids)
            assert list(refused.value.problems) == ["evidence"]

    def test_an_entry_that_was_put_right_is_no_evidence(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer)
        correct_timeline_entry(
            by=cast.reviewer,
            at=NOW,
            entry=entry,
            happened_at=entry.happened_at,
            precision="about",
            what="It rang twice.",
            source="Log",
            reason="Read again",
        )
        with pytest.raises(Invalid):
            a_finding(review, cast, evidence=(entry.pk,))

    @pytest.mark.parametrize(
        "who",
        [
            "worker",
            "colleague",
            "worker_elsewhere",
            "duty_manager",
            "supervisor",
            "lead",
            "quality_lead",
            "director",
            "administrator",
            "commissioner",
            "inspector",
            "stranger",
        ],
    )
    def test_only_the_reviewer_records(self, cast: Cast, who: str) -> None:
        review = a_review(cast, "B")
        an_entry(review, by=cast.reviewer)
        with pytest.raises(Refused):
            record_finding(by=cast.people()[who], at=NOW, review=review, words=finding_words(review))
        assert not Finding.objects.exists()

    def test_with_nobody_asked_to_review(self, cast: Cast) -> None:
        review = unstaffed(cast, "B")
        with pytest.raises(Refused, match="Say who reviews first"):
            record_finding(by=cast.lead, at=NOW, review=review, words=finding_words())

    def test_not_after_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast, "B"), cast)
        with pytest.raises(Stale):
            a_finding(review, cast)


class TestBlame:
    @pytest.mark.parametrize("field", ["statement", "made_more_likely", "reduces_recurrence"])
    def test_wording_that_points_at_a_person_asks_for_other_words_or_a_reason(self, cast: Cast, field: str) -> None:
        review = a_review(cast, "B")
        with pytest.raises(Invalid) as refused:
            a_finding(review, cast, **{field: BLAMING})
        assert list(refused.value.problems) == ["kept_reason"]
        assert not Finding.objects.exists()

    def test_the_writer_may_go_on_and_the_reason_is_kept_with_the_words(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast, statement=BLAMING, kept_reason=KEPT)
        assert finding.kept_because == KEPT
        [word] = finding.blaming_words
        assert word["field"] == "statement"
        assert word["words"] in BLAMING
        assert word["question"].endswith("?")
        assert TrailEntry.objects.get(operation="findings.record_finding").facts["kept_blaming"] == 1

    @pytest.mark.parametrize("reason", ["ok", "n/a", "yes yes yes yes"])
    def test_a_filler_is_no_reason(self, cast: Cast, reason: str) -> None:
        with pytest.raises(Invalid) as refused:
            a_finding(a_review(cast, "B"), cast, statement=BLAMING, kept_reason=reason)
        assert list(refused.value.problems) == ["kept_reason"]

    def test_words_about_the_system_need_no_reason_and_keep_none(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast, kept_reason=KEPT)
        assert (finding.blaming_words, finding.kept_because) == ([], "")


class TestCorrecting:
    def correct(self, finding: Finding, cast: Cast, **changes: Any) -> Finding:
        by = changes.pop("by", cast.reviewer)
        because = changes.pop("because", "The rota shows that cover ended at eleven, not at midnight.")
        words = finding_words(finding.review, **({"statement": "Cover ended at eleven, so nobody decided."} | changes))
        return correct_finding(by=by, at=LATER, finding=finding, words=words, corrected_because=because)

    def test_the_earlier_stays_and_the_later_stands(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        corrected = self.correct(finding, cast)
        assert corrected.corrects == finding
        assert list(Finding.objects.standing()) == [corrected]
        assert Finding.objects.get(pk=finding.pk).statement == STATEMENT
        assert corrected.corrected_because.startswith("The rota shows")

    def test_what_was_owed_moves_with_it_and_its_deadline_stays(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        due = Obligation.objects.get(kind=ANSWER).due_at
        corrected = self.correct(finding, cast)
        owed = Obligation.objects.open().get(kind=ANSWER)
        assert (owed.subject_id, owed.due_at) == (corrected.pk, due)
        assert Obligation.objects.get(subject_id=finding.pk).cancelled_because == "The finding was put right"

    def answered(self, finding: Finding) -> None:
        Obligation.objects.filter(subject_id=finding.pk, kind=ANSWER).update(
            met_at=NOW, met_by_type="changes.operationalchange", met_by_id=uuid4(), next_escalation_at=None
        )

    def test_one_already_answered_stays_answered(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        self.answered(finding)
        self.correct(finding, cast)
        assert not Obligation.objects.open().filter(kind=ANSWER).exists()

    def test_unless_it_is_now_about_something_else(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        self.answered(finding)
        corrected = self.correct(finding, cast, condition="workload")
        assert Obligation.objects.open().get(kind=ANSWER).subject_id == corrected.pk

    def test_also_after_completion(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        finding = a_finding(review, cast)
        completed(review, cast)
        assert self.correct(finding, cast).corrects == finding

    def test_two_people_at_once_do_not_both_stand(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        self.correct(finding, cast)
        with pytest.raises(Stale, match="meanwhile"):
            self.correct(finding, cast, by=cast.lead)

    @pytest.mark.parametrize("because", ["", "typo", "see notes"])
    def test_the_reason_is_said(self, cast: Cast, because: str) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        with pytest.raises(Invalid) as refused:
            self.correct(finding, cast, because=because)
        assert list(refused.value.problems) == ["corrected_because"]

    def test_blame_is_asked_about_again(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        with pytest.raises(Invalid) as refused:
            self.correct(finding, cast, statement=BLAMING)
        assert list(refused.value.problems) == ["kept_reason"]

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("lead", True),
            ("quality_lead", True),
            ("director", True),
            ("duty_manager", False),
            ("supervisor", False),
            ("worker", False),
            ("administrator", False),
            ("stranger", False),
        ],
    )
    def test_who_may(self, cast: Cast, who: str, may: bool) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        person = cast.people()[who]
        if may:
            assert self.correct(finding, cast, by=person).decided_by == person
        else:
            with pytest.raises(Refused):
                self.correct(finding, cast, by=person)

    def test_the_database_keeps_the_words_and_the_evidence(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        for attempt in (
            lambda: Finding.objects.update(statement="It was her fault"),
            lambda: Finding.objects.all().delete(),
            finding.evidence.clear,
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()
