"""An audit tells nobody of what is restricted, and changes nothing of what it froze, whatever becomes of the rows."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.assurance.models import AuditPopulation, AuditSample, AuditScore, AuditSeed, AuditSettlement
from saferpractice.assurance.operations import enter_seed, settle_record
from saferpractice.assurance.presenters.audits import left_out_words
from saferpractice.assurance.queries.audit_reading import is_gone, next_for
from saferpractice.assurance.queries.audits import ids_of, is_as_frozen, order_of, states_of
from saferpractice.assurance.rules.audits import Standing
from saferpractice.incidents.operations import decide_restriction
from saferpractice.pathways.models import PathwayRecord
from saferpractice.pathways.operations import correct_record
from saferpractice.trail.draws import ranked
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.audits import (
    FROZEN_AT,
    READ_AT,
    SEED,
    a_draw,
    a_list,
    an_audit_plan,
    consultations,
    read,
    read_all,
    seeded,
)
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, a_case, a_record
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R37")]

LONG = "Zebrawood 🙂 <b>&amp;</b> é\n" * 400
"""More than ten thousand characters, some of them awkward."""


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(READ_AT)


def hidden(cast: Cast, number: int) -> PathwayRecord:
    """A consultation on a case of an incident that only few may know of."""
    incident = an_incident(by=cast.worker, team=cast.north)
    case = a_case(cast, incident=incident, by=cast.duty_manager, person=f"SECRET-{number}")
    record = a_record(case, "consultation", 24 + number, by=cast.duty_manager, **CONSULTATION)
    decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")
    return record


def page(client: Client, population: AuditPopulation) -> str:
    """The page of an audit without what differs from one list to another."""
    text = words(client.get(reverse("assurance:audit_round", args=[population.pk])))
    for one in (str(population.pk), population.list_hash[:12], population.list_hash, *population.lines):
        text = text.replace(one, "…")
    return re.sub(r'nonce="[^"]*"|value="[^"]{20,}"', "", text)


@pytest.mark.requirement("R34")
class TestWhatIsRestricted:
    @pytest.mark.parametrize("name", ["worker", "supervisor", "duty_manager", "lead", "quality_lead"])
    def test_the_page_is_the_same_with_one_left_out_and_with_none(self, cast: Cast, name: str) -> None:
        """Whoever the restricted incident is about may be the owner of the change, or work in a team it reaches."""
        consultations(cast, 2)
        population = a_list(an_audit_plan(cast), by=cast.lead)
        client = signed_in(cast.people()[name])
        before = page(client, population)
        assert "Records of restricted incidents are left out of every audit" in before
        record = hidden(cast, 1)
        columns = {field.attname: getattr(population, field.attname) for field in population._meta.concrete_fields}
        other = AuditPopulation(**columns | {"id": AuditPopulation().pk, "restricted": 1})
        other.number = 2
        other.save(force_insert=True)
        after = page(client, other)
        assert after.replace("Audit 2", "Audit 1") == before
        assert str(record.pk) not in after

    def test_the_list_and_its_file_hold_none_of_them(self, cast: Cast) -> None:
        record = hidden(cast, 1)
        consultations(cast, 2)
        population = a_list(an_audit_plan(cast), by=cast.lead)
        assert (population.count, population.restricted) == (2, 1)
        file = signed_in(cast.quality_lead).get(reverse("assurance:audit_ids", args=[population.pk])).content.decode()
        assert str(record.pk) not in file
        assert len(file.split("\n")) == 2

    @pytest.mark.parametrize("few", [0, 1, 4])
    def test_fewer_than_five_are_told_like_none(self, few: int) -> None:
        assert left_out_words(few) == left_out_words(0)
        assert not re.search(r"\d", left_out_words(few))

    @pytest.mark.parametrize("many", [5, 12])
    def test_many_are_counted(self, many: int) -> None:
        assert left_out_words(many).endswith(f"There are {many} of them in this period.")

    def test_one_restricted_after_the_draw_shows_nothing_of_itself_and_is_put_aside(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        case = a_case(cast, incident=incident, by=cast.duty_manager, person="SECRET-1")
        record = a_record(case, "consultation", 24, by=cast.duty_manager, **CONSULTATION)
        population = a_draw(cast, records=4, numbers={"expected": 50, "half_width": 1})
        sample = population.samples.get(record_id=record.pk)
        decide_restriction(by=cast.lead, at=READ_AT, incident=incident, restricted=True, reason="About a colleague")
        assert is_gone(sample)
        client = signed_in(cast.quality_lead)
        for name, key in (("audit_round", population.pk), ("audit_sample", sample.pk)):
            text = words(client.get(reverse(f"assurance:{name}", args=[key])))
            assert str(case.pk) not in text.split("<main", 1)[1] or name == "audit_sample"
            assert "SECRET-1" not in text
        with pytest.raises(Refused, match="cannot be audited any more"):
            read(sample, by=cast.quality_lead)
        read(sample, by=cast.quality_lead, why_not="Restricted since")
        (state,) = (one for one in states_of(population) if one.sample == sample)
        assert state.standing is Standing.NOT_AUDITABLE


class TestFrozen:
    def test_late_entries_and_corrections_change_neither_the_list_nor_the_draw(self, cast: Cast) -> None:
        records = consultations(cast, 6)
        plan = an_audit_plan(cast)
        population = a_list(plan, by=cast.lead)
        lines, drawn = list(population.lines), [one.record_id for one in ranked(SEED, ids_of(population))]
        correct_record(
            by=cast.duty_manager, at=FROZEN_AT, record=records[0], happened_at=records[0].happened_at,
            values=CONSULTATION | {"rationale": "Put right"}, reason="A word was missing",
            submission_key="put-right",
        )  # fmt: skip
        correct_record(
            by=cast.duty_manager, at=FROZEN_AT, record=records[1], happened_at=records[1].happened_at,
            values=CONSULTATION, reason="It did not happen", submission_key="never", withdrawn=True,
        )  # fmt: skip
        case = records[2].case
        a_record(case, "consultation", 30, written=24 * 9 + 12, by=cast.duty_manager, **CONSULTATION)
        again = AuditPopulation.objects.get(pk=population.pk)
        assert list(again.lines) == lines
        assert is_as_frozen(again)
        seeded(again, by=cast.lead)
        taken = list(again.samples.order_by("rank"))
        assert [str(one.record_id) for one in taken] == drawn[: again.size]
        assert [one.rank for one in taken] == list(range(1, again.size + 1))
        assert [one.record_id for one in order_of(AuditPopulation.objects.get(pk=population.pk))] == drawn

    def test_a_record_put_right_since_is_still_read_as_it_stood(self, cast: Cast) -> None:
        population = a_draw(cast, records=2, numbers={"expected": 50, "half_width": 1})
        sample = population.samples.order_by("rank")[0]
        record = PathwayRecord.objects.get(pk=sample.record_id)
        correct_record(
            by=cast.duty_manager, at=READ_AT, record=record, happened_at=record.happened_at,
            values=CONSULTATION | {"rationale": "Put right"}, reason="A word was missing", submission_key="later",
        )  # fmt: skip
        assert not is_gone(sample)
        read(sample, by=cast.quality_lead, answers={"q1": "no"})
        assert AuditScore.objects.get(sample=sample).answers["q1"] == "no"

    @pytest.mark.parametrize("by", ["lead", "quality_lead", "duty_manager"])
    def test_a_second_seed_is_refused_whoever_has_it_and_the_first_stays(self, cast: Cast, by: str) -> None:
        population = a_draw(cast, records=4)
        before = list(population.samples.order_by("rank").values_list("record_id", "rank"))
        for seed in (SEED, "6 6 6 6 6 6"):
            with pytest.raises(Stale, match="made once"):
                enter_seed(
                    by=cast.people()[by], at=READ_AT, population=population, seed=seed, published=False,
                    published_on=None, words="Six dice again",
                )  # fmt: skip
        assert AuditSeed.objects.get().seed == SEED
        assert list(population.samples.order_by("rank").values_list("record_id", "rank")) == before

    def test_the_form_of_the_seed_sent_twice_draws_once_and_says_so(self, cast: Cast) -> None:
        consultations(cast, 4)
        population = a_list(an_audit_plan(cast), by=cast.lead)
        client, address = signed_in(cast.lead), reverse("assurance:audit_seed", args=[population.pk])
        sent = {"came_from": "dice", "seed": f"  {SEED}  ", "words": "Six dice thrown before the meeting"}
        assert client.post(address, sent).status_code == 302
        again = client.post(address, sent)
        assert again.status_code in {200, 409}
        assert "made once" in words(again)
        assert AuditSeed.objects.get().seed == SEED
        assert TrailEntry.objects.filter(operation="assurance.enter_seed").count() == 1

    def test_records_that_cannot_be_audited_are_replaced_in_rank_and_never_twice(self, cast: Cast) -> None:
        population = a_draw(cast, records=8)
        order = [one.record_id for one in order_of(population)]
        for number in range(2):
            sample = population.samples.order_by("rank")[number]
            read(sample, by=cast.quality_lead, why_not="The page does not open")
            read(sample, by=cast.quality_lead, why_not="The page does not open, I tried again")
        taken = [str(one.record_id) for one in population.samples.order_by("rank")]
        assert taken == order[: population.size + 2]
        assert AuditSample.objects.filter(instead_of__isnull=False).count() == 2


class TestAwkwardWords:
    def test_a_long_reason_comes_back_whole_and_does_nothing_on_the_page(self, cast: Cast) -> None:
        population = a_draw(cast, records=1, read_by_two=True)
        sample = population.samples.get()
        read(sample, by=cast.quality_lead, answers={"q1": "no"}, remark="No reason 🙂 <script>alert(1)</script>")
        read(sample, by=cast.reviewer)
        client = signed_in(cast.lead)
        address = reverse("assurance:audit_settle", args=[sample.pk])
        side = client.get(address).content.decode()
        assert "<script>alert(1)" not in side
        assert "No reason 🙂" in side
        sent = client.post(address, {"q1": "yes", "q2": "na", "reason": LONG})
        assert sent.status_code == 302
        assert AuditSettlement.objects.get().reason.replace("\r\n", "\n") == LONG.strip()
        text = client.get(reverse("assurance:audit_round", args=[population.pk])).content.decode()
        assert "Zebrawood 🙂 &lt;b&gt;" in text
        assert "<b>&amp;</b>" not in text

    @pytest.mark.parametrize("name", ["remark", "why_not"])
    def test_what_is_too_long_is_told_beside_the_field_and_kept(self, cast: Cast, name: str) -> None:
        population = a_draw(cast, records=2)
        sample = population.samples.order_by("rank")[0]
        sent = {"q1": "yes", "q2": "na", name: LONG} | ({"cannot": "on"} if name == "why_not" else {})
        answer = signed_in(cast.quality_lead).post(reverse("assurance:audit_sample", args=[sample.pk]), sent)
        assert answer.status_code == 200
        assert "Zebrawood" in html.unescape(answer.content.decode())
        assert not AuditScore.objects.exists()


class TestNobodyElse:
    @pytest.mark.parametrize("name", ["worker_elsewhere", "duty_manager_elsewhere", "administrator", "stranger",
                                      "commissioner", "inspector"])  # fmt: skip
    def test_every_page_of_an_audit_is_not_there(self, cast: Cast, name: str) -> None:
        population = a_draw(cast, records=2, read_by_two=True)
        sample, client = population.samples.order_by("rank")[0], signed_in(cast.people()[name])
        for page_name, key in (
            ("audit", population.plan_id),
            ("audit_freeze", population.plan_id),
            ("audit_end", population.plan_id),
            ("audit_round", population.pk),
            ("audit_seed", population.pk),
            ("audit_ids", population.pk),
            ("audit_read", population.pk),
            ("audit_sample", sample.pk),
            ("audit_settle", sample.pk),
            ("audit_follow_up", sample.pk),
        ):
            address = reverse(f"assurance:{page_name}", args=[key])
            assert client.get(address).status_code == 404, page_name
            if page_name not in {"audit", "audit_round", "audit_ids", "audit_read"}:
                assert client.post(address, {"q1": "yes", "reason": "x", "seed": SEED}).status_code == 404, page_name
        assert not AuditScore.objects.exists()

    def test_the_second_auditor_gets_the_same_blank_form_whatever_the_first_said(self, cast: Cast) -> None:
        population = a_draw(cast, records=2, read_by_two=True)
        one, other = population.samples.order_by("rank")
        client = signed_in(cast.reviewer)

        def blank(sample: AuditSample) -> str:
            text = words(client.get(reverse("assurance:audit_sample", args=[sample.pk])))
            return re.sub(r'nonce="[^"]*"|value="[^"]{20,}"', "", text)

        before = {sample.pk: blank(sample) for sample in (one, other)}
        read(one, by=cast.quality_lead, answers={"q1": "no"}, remark="Nothing at all")
        read(other, by=cast.quality_lead, why_not="The page does not open")
        assert {sample.pk: blank(sample) for sample in (one, other)} == before
        assert next_for(cast.reviewer, READ_AT, population) == one, "and is not led past what the first put aside"

    def test_nobody_settles_before_both_have_read_it(self, cast: Cast) -> None:
        population = a_draw(cast, records=2, read_by_two=True)
        sample = population.samples.order_by("rank")[0]
        read(sample, by=cast.quality_lead, answers={"q1": "no"})
        client, address = signed_in(cast.lead), reverse("assurance:audit_settle", args=[sample.pk])
        assert client.get(address).status_code == 404
        assert client.post(address, {"q1": "yes", "q2": "na", "reason": "So"}).status_code == 404
        with pytest.raises(Stale):
            settle_record(by=cast.lead, at=READ_AT, sample=sample, answers={"q1": "yes", "q2": "na"}, reason="So")

    def test_a_result_is_the_same_in_whatever_order_the_records_are_read(self, cast: Cast) -> None:
        population = a_draw(cast, records=6)
        samples = list(population.samples.order_by("-rank"))
        for number, sample in enumerate(samples):
            read(sample, by=cast.quality_lead, answers={"q1": "no"} if number % 3 == 0 else None)
        result = population.results.get()
        failing = sum(number % 3 == 0 for number in range(len(samples)))
        assert (result.read, result.met) == (len(samples), len(samples) - failing)
        assert result.numbers["questions"][0]["met"] == len(samples) - failing

    def test_a_reading_without_an_answer_to_a_question_that_always_applies_is_refused(self, cast: Cast) -> None:
        population = a_draw(cast, records=1)
        for given in ({"q1": "na"}, {"q1": "maybe"}, {"q1": "YES"}, {"q1": ""}):
            with pytest.raises(Invalid):
                read(population.samples.get(), by=cast.quality_lead, answers=given)
        assert read_all(population, by=cast.quality_lead) is not None
