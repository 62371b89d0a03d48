"""The example service: loaded whole through operations, true in what it shows, and about nobody."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import Role
from saferpractice.assurance.models import AuditFollowUp, AuditPopulation, AuditSettlement, ImpactPlan
from saferpractice.assurance.operations import AUDIT
from saferpractice.assurance.queries import plans_of, verdict_today
from saferpractice.assurance.queries.audit_reading import next_for
from saferpractice.assurance.queries.audits import is_as_frozen, owed_next, result_of, states_of
from saferpractice.assurance.rules.audits import Standing, months_after
from saferpractice.assurance.rules.sampling import Against
from saferpractice.changes.models import OperationalChange, ProofByUse, TrackedAction
from saferpractice.changes.queries import state_of, with_facts
from saferpractice.changes.rules import ChangeState
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.rules import last_day_of, local_day
from saferpractice.evidence.models import EvidencePack, LessonAdoption, PackBuilt, PublishedQuarter, ThematicReview
from saferpractice.evidence.operations import adopt_lesson
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.queries.bulletins import bulletins_seen
from saferpractice.evidence.queries.commissioning import quarters_read
from saferpractice.evidence.queries.inspections import incidents_in, inspections_of, populations_of
from saferpractice.evidence.queries.lessons import bundle_of, later_verdict, lessons_seen
from saferpractice.evidence.queries.packs import still_open, texts_of
from saferpractice.evidence.queries.register import clauses_seen, needs_seen
from saferpractice.evidence.queries.thematic import still_holds
from saferpractice.evidence.rules import assess_learning
from saferpractice.evidence.rules.commissioning.funnel import funnel
from saferpractice.evidence.rules.register import RegisterState
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from saferpractice.exchange import example
from saferpractice.exchange.example import loading
from saferpractice.exchange.example.loading import CannotLoad, Loaded
from saferpractice.exchange.example.world import World
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident, Withdrawal
from saferpractice.pathways.models import CaseObligation, PathwayRecord, PathwayVersion
from saferpractice.reviews.models import Review, ReviewCompletion
from saferpractice.trail.draws import ranked
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.triage.models import TierDecision, TriageRecord
from tests.architecture.example_page import Told, incidents
from tests.architecture.example_page import state_of as page_state_of
from tests.conftest import TestClock
from tests.factories.packs_made import bytes_of
from tests.factories.web import signed_in
from tests.stages.evidence.commissioning.reading import (
    HIDDEN,
    SVG,
    beyond_what_is_drawn,
    charts_of,
    share_said,
    shares_measured,
    tables_of,
)
from tests.stages.exchange.leaks import everything_read, name_of, narrowed, nhs_numbers_in, who_must_not_be_found

LOADED_AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
STORIES = {"food-in-the-hall": "Improved", "phone-rang-out": "Not shown", "new-friends": "Too early to tell"}


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: object) -> Iterator[Loaded]:
    """The example, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield example.load(example.shipped_example(), at=LOADED_AT)
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def beside_it(loaded: Loaded) -> World:
    """The second provider."""
    assert loaded.neighbour is not None
    return loaded.neighbour


@pytest.fixture(scope="module")
def once() -> dict[str, str]:
    """What was read of the example before, for tests that write nothing."""
    return {}


def verdict_of(change: OperationalChange) -> str:
    plan = next((one for one in plans_of(change) if one.primary), None)
    return str(verdict_today(plan, local_day(LOADED_AT)).word) if plan else ""


@pytest.mark.requirement("R7")
def test_the_trail_is_whole(loaded: Loaded) -> None:
    found = check_chain(loaded.world.provider.pk)
    theirs = check_chain(beside_it(loaded).provider.pk)
    assert found.whole
    assert theirs.whole
    assert found.entries + theirs.entries > loaded.steps


@pytest.mark.requirement("R7")
def test_the_trail_runs_forward_and_ends_at_the_loading(loaded: Loaded) -> None:
    for world in (loaded.world, beside_it(loaded)):
        entries = TrailEntry.objects.filter(provider_id=world.provider.pk).order_by("sequence")
        moments = list(entries.values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] == LOADED_AT


@pytest.mark.requirement("R7")
def test_the_database_knows_how_much_was_loaded(loaded: Loaded) -> None:
    """Else it takes the tables for empty, and one question of a page was seen to run for five minutes."""
    known = {
        "postgresql": "SELECT relname, reltuples FROM pg_class WHERE relname = 'deadlines_obligation'",
        "sqlite": "SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'deadlines_obligation'",
    }
    with connection.cursor() as cursor:
        cursor.execute(known[connection.vendor])
        assert cursor.fetchone() == ("deadlines_obligation", Obligation.objects.count())


@pytest.mark.requirement("R1", "R4", "R5")
class TestTheThreeHistories:
    def test_each_ends_on_the_verdict_its_counts_give(self, loaded: Loaded) -> None:
        for key, verdict in STORIES.items():
            told = next(one for one in incidents() if one.key == key)
            assert told.verdict == verdict
            assert {verdict_of(loaded.world.changes[says["key"]]) for says in told.all_of("change")} - {""} == {verdict}

    def test_what_is_defensible_is_worked_out(self, loaded: Loaded) -> None:
        for key, defensible in {"food-in-the-hall": True, "new-friends": False}.items():
            found = assess_learning(learning_facts(loaded.world.incidents[key]))
            assert found.defensible is defensible
            assert bool(found.missing) is not defensible

    def test_each_went_the_whole_way(self, loaded: Loaded) -> None:
        for key in STORIES:
            facts = learning_facts(loaded.world.incidents[key])
            assert facts.triaged
            assert facts.review_complete
            assert facts.findings
            assert all(finding.changes and finding.evidence for finding in facts.findings)


@pytest.mark.requirement("R5")
class TestThePageAboutIt:
    """docs/reference/example-service.md is made from the files; what it says must be so in the database."""

    def test_what_became_of_each_incident(self, loaded: Loaded) -> None:
        for told in incidents():
            self.is_so(loaded, told)

    def is_so(self, loaded: Loaded, told: Told) -> None:
        incident = loaded.world.incidents[told.key]
        reviews = Review.objects.filter(incident=incident)
        decided = TierDecision.objects.filter(incident=incident).order_by("decided_at", "pk").last()
        assert (decided.tier if decided else "") == told.tier
        assert Withdrawal.objects.filter(incident=incident).exists() is (told.became == "Withdrawn")
        assert TriageRecord.objects.filter(incident=incident).exists() is bool(told.all_of("triage"))
        complete = ReviewCompletion.objects.filter(review__in=reviews).exists()
        assert complete is told.became.startswith("Reviewed")
        assert (reviews.exists() and not complete) is (told.became == "Under review")
        if complete:
            assert Finding.objects.standing().filter(incident=incident).count() == len(told.findings)

    def test_which_verdict_the_changes_end_on(self, loaded: Loaded) -> None:
        for told in incidents():
            ids = [loaded.world.changes[says["key"]].pk for says in told.all_of("change")]
            changes = with_facts(OperationalChange.objects.filter(pk__in=ids))
            judged = {verdict_of(one) for one in changes if state_of(one) is not ChangeState.WITHDRAWN} - {""}
            assert not told.verdict or told.verdict in judged, told.key

    def test_where_each_change_stands(self, loaded: Loaded) -> None:
        for key, change in loaded.world.changes.items():
            state = state_of(with_facts(OperationalChange.objects.filter(pk=change.pk)).get())
            said = {ChangeState.WITHDRAWN: "withdrawn", ChangeState.AGREED: "agreed, not live"}.get(state, "live")
            assert page_state_of(key, incidents()) == said, key

    def test_no_other_change_has_been_judged(self, loaded: Loaded) -> None:
        with_verdict = {says["key"] for one in incidents() if one.verdict for says in one.all_of("change")}
        planned = {plan.change_id for plan in ImpactPlan.objects.all() if plan.checks.exists()}
        keys = {key for key, change in loaded.world.changes.items() if change.pk in planned}
        assert keys <= with_verdict


@pytest.mark.requirement("R35")
class TestSomethingIsAlwaysToDo:
    def test_every_role_that_signs_in_is_there_once_and_a_neighbour(self, loaded: Loaded) -> None:
        roles = [role.label for role in Role]
        assert Counter(one.role for one in example.sign_ins()) == Counter([*roles, Role.QUALITY_LEAD.label])
        by_mail = {one.email: one for one in example.sign_ins()}
        for person in Person.objects.filter(email__in=by_mail):
            assert person.check_password(by_mail[person.email].password)
        others = Person.objects.exclude(email__in=by_mail)
        assert others.count() == Person.objects.count() - len(by_mail) > 20
        assert not any(person.has_usable_password() for person in others)

    def test_something_is_late_and_something_is_due_today(self, loaded: Loaded) -> None:
        due = [moment for moment in Obligation.objects.open().values_list("due_at", flat=True) if moment]
        assert any(moment < LOADED_AT for moment in due)
        assert any(moment >= LOADED_AT and local_day(moment) == local_day(LOADED_AT) for moment in due)
        assert any(local_day(moment) > local_day(LOADED_AT) for moment in due)

    def test_nobody_outside_is_written_to(self, loaded: Loaded) -> None:
        assert OutboxMessage.objects.count() == loaded.messages > 0
        assert not OutboxMessage.objects.filter(sent_at__isnull=True).exists()
        assert set(OutboxMessage.objects.values_list("last_error", flat=True)) == {loading.NOT_SENT}
        assert all(mail.endswith(".example") for mail in Person.objects.values_list("email", flat=True))

    def test_it_says_how_much_there_is(self, loaded: Loaded) -> None:
        beside = beside_it(loaded)
        assert Incident.objects.count() == len(incidents()) + len(beside.incidents)
        assert len(incidents()) == len(loaded.world.incidents)
        there = [number for world in (loaded.world, beside) for number in (len(world.people), len(world.incidents))]
        for number in (*there, loaded.steps, loaded.escalations, loaded.messages):
            assert f" {number} " in f" {loaded.sentence} "
        assert loaded.escalations > 10


@pytest.mark.requirement("R5")
def test_a_second_time_adds_nothing_and_says_so(loaded: Loaded) -> None:
    before, out = TrailEntry.objects.count(), io.StringIO()
    assert example.is_loaded(example.shipped_example().provider)
    call_command("load_example", stdout=out)
    assert "is here already. Nothing was added." in out.getvalue()
    with pytest.raises(CannotLoad):
        example.load(example.shipped_example(), at=LOADED_AT)
    assert TrailEntry.objects.count() == before


@pytest.mark.requirement("R36")
def test_one_thematic_review_is_signed_and_the_next_is_a_draft(loaded: Loaded) -> None:
    newest, before = ThematicReview.objects.order_by("-year", "-number").select_related("signature", "provider")
    assert (newest.quarter, before.quarter) == (Quarter(2026, 2), Quarter(2026, 1))
    assert not hasattr(newest, "signature")
    assert before.signature.decided_by == loaded.world.people["drew"]
    assert still_holds(before)
    drawn = {one["code"]: one["total"] for one in before.signature.draft.data["sections"] if "total" in one}
    assert drawn["overall"] > 0, "a review of nothing would show nothing"
    action = TrackedAction.objects.get(decision_id__isnull=False)
    assert action.owner == loaded.world.people["ewan"]
    assert action.due_on > local_day(LOADED_AT), "it is not late by itself"


@pytest.mark.requirement("R20", "R4")
def test_a_version_of_a_pathway_carries_a_change_out_and_its_use_proves_it(loaded: Loaded) -> None:
    change = loaded.world.changes["lc-pathway"]
    facts = with_facts(OperationalChange.objects.filter(pk=change.pk)).get()
    assert state_of(facts) is not ChangeState.AGREED
    assert {proof.team.name for proof in ProofByUse.objects.filter(change=change)} == {"Rowan team", "Willow team"}
    ours = PathwayVersion.objects.filter(provider=loaded.world.provider)
    first, second = ours.filter(pathway="lost-contact").order_by("number")
    notes = CaseObligation.objects.filter(code="tell-leadership")

    def in_time(version: PathwayVersion) -> tuple[int, int]:
        ids = [str(pk) for pk in notes.filter(case__version=version).values_list("pk", flat=True)]
        owed = list(Obligation.objects.filter(subject_id__in=ids))
        return sum(1 for one in owed if one.met_at and one.met_at <= one.due_at), len(owed)

    assert in_time(first) == (10, 22)
    assert in_time(second) == (18, 20)
    counted = [(result.count, int(result.out_of)) for result in plans_of(change)[0].results.order_by("decided_at")]
    assert (counted[0], counted[-1]) == (in_time(first), in_time(second)), "the check counts what the cases say"


@pytest.mark.requirement("R16", "R37")
class TestAudits:
    def finished(self, loaded: Loaded) -> AuditPopulation:
        return loaded.world.audits["au-consultations"].populations.get()

    def test_one_is_finished_whatever_was_drawn(self, loaded: Loaded) -> None:
        population = self.finished(loaded)
        result = result_of(population)
        assert result is not None
        assert is_as_frozen(population)
        assert (population.count, result.read, population.size) == (16, 13, 13)
        assert result.answer == Against.DOES_NOT
        assert 2 <= result.read - result.met <= 5
        assert "missed" in result.sentence
        assert result.numbers["agreement"]["whole"]["kappa"] < 1
        settled = AuditSettlement.objects.get(sample__population=population)
        assert settled.decided_by == loaded.world.people["quill"]

    def test_each_record_is_read_as_it_stands(self, loaded: Loaded) -> None:
        for state in states_of(self.finished(loaded)):
            record = PathwayRecord.objects.get(pk=state.sample.record_id)
            says_nobody = record.values["safety-actions"] == "To be kept under observation."
            assert (state.standing is Standing.NOT_MET) is says_nobody

    def test_every_failure_is_answered_for_and_one_made_an_action(self, loaded: Loaded) -> None:
        population = self.finished(loaded)
        failing = [one.sample.pk for one in states_of(population) if one.standing is Standing.NOT_MET]
        answered = AuditFollowUp.objects.filter(sample__in=failing)
        assert answered.count() == len(failing)
        (tracked,) = [one.action for one in answered if one.action]
        assert tracked.change == loaded.world.changes["sn-checklist"]
        assert tracked.due_on > local_day(LOADED_AT), "it is not late by itself"

    def test_the_next_audit_is_owed_by_itself(self, loaded: Loaded) -> None:
        owed = owed_next(loaded.world.audits["au-consultations"], AUDIT)
        assert owed is not None
        assert owed.owner == loaded.world.people["dale"]
        result = result_of(self.finished(loaded))
        assert result is not None
        assert last_day_of(owed.due_at) == months_after(local_day(result.decided_at), 6)

    def test_another_is_being_read(self, loaded: Loaded) -> None:
        population = loaded.world.audits["au-supervision"].populations.get()
        states = states_of(population)
        assert result_of(population) is None
        assert (sum(one.standing.is_final for one in states), len(states)) == (3, population.size)
        assert population.size < population.count
        marlo = loaded.world.people["marlo"]
        waiting = next_for(marlo, LOADED_AT, population)
        assert waiting is not None
        assert waiting.rank == 4
        late = Obligation.objects.late(LOADED_AT).filter(subject_id__in=[population.pk, population.plan_id])
        assert not late.exists(), "an example of an audit in time"


@pytest.mark.requirement("R32")
class TestWhatItsCommissionerReads:
    @pytest.fixture(autouse=True)
    def today(self, loaded: Loaded, the_clock: TestClock) -> None:
        the_clock.stand_at(LOADED_AT)

    @pytest.fixture
    def read(self, loaded: Loaded, once: dict[str, str]) -> dict[str, str]:
        """Everything, asked for once: nothing here writes anything."""
        if not once:
            once.update(everything_read(signed_in(loaded.world.people["cass"]), *self.providers(loaded)))
        return once

    def providers(self, loaded: Loaded) -> list[Provider]:
        return [loaded.world.provider, beside_it(loaded).provider]

    def test_there_is_something_to_read(self, read: dict[str, str]) -> None:
        compared = [name for name in read if name.startswith("evidence:compare ")]
        assert len(compared) > 15
        assert len(read) == 3 + 2 * 3 + len(compared) + 2 * PublishedQuarter.objects.count()
        files = "".join(text for name, text in read.items() if "file" in name)
        assert "about" in files
        assert "[c]" in files

    def test_nobody_is_found_in_it(self, loaded: Loaded, read: dict[str, str]) -> None:
        """No name, reference or NHS number of either provider, in any page or file."""
        reader = loaded.world.people["cass"]
        words = {word for one in self.providers(loaded) for word in who_must_not_be_found(one, reader)}
        assert len(words) > 90
        found = [(name, word) for name, text in read.items() for word in words if word in text]
        found += [(name, number) for name, text in read.items() for number in nhs_numbers_in(text)]
        assert found == []

    def test_no_hidden_count_is_worked_out_from_a_file(self, loaded: Loaded, read: dict[str, str]) -> None:
        rows = list(PublishedQuarter.objects.filter(provider__in=self.providers(loaded)).select_related("provider"))
        assert len({row.provider_id for row in rows}) == 2
        files = {row.pk: read[name_of("evidence:commissioner_file", row)] for row in rows}
        assert [each for row in rows for each in narrowed(row.provider, row, files[row.pk])] == []

    def test_no_chart_of_it_can_be_measured_for_more_than_its_table_says(self, read: dict[str, str]) -> None:
        drawn = 0
        for name, text in read.items():
            if name.startswith("evidence:commissioner_quarter"):
                tables = [rows for key, rows in tables_of(text).items() if "-trend-" in key]
                charts = [one for one in charts_of(text) if not (one.findtext(f"{SVG}title") or "").endswith("?")]
                for chart, rows in zip(charts, tables, strict=True):
                    assert beyond_what_is_drawn(chart) == []
                    shown = {row[0]: row[1] for row in rows if row[1] != HIDDEN}
                    assert {one.label: f"about {one.share:.0f}%" for one in shares_measured(chart)} == shown
                    drawn += len(shown)
        assert drawn > 6

    def test_each_share_in_it_is_that_of_the_two_numbers_beside_it(self, read: dict[str, str]) -> None:
        for name, text in read.items():
            for key, rows in tables_of(text).items() if "<main" in text else ():
                for row in rows if key != "learned" else ():
                    found = [at for at, cell in enumerate(row) if cell == HIDDEN or cell.startswith("about ")]
                    if found and len(row) > found[0] + 2:
                        share, count, out_of = row[found[0] : found[0] + 3]
                        assert share == share_said(count, out_of), (name, row)

    def test_the_pdf_of_the_contract_says_what_its_page_says(self, loaded: Loaded, read: dict[str, str]) -> None:
        whose = loaded.world.provider
        printed = "".join(read[f"evidence:schedule_pdf {whose}"].split())
        rows = tables_of(read[f"evidence:schedule {whose}"])["schedule"]
        assert len(rows) > 8
        for title, _, *rest in rows:
            assert "".join("".join(word for word in (title, *rest) if word != "–").split()) in printed, title

    def test_the_pages_show_no_number_that_the_files_do_not(self, read: dict[str, str]) -> None:
        files = "".join(text for name, text in read.items() if name.startswith("evidence:commissioner_file"))
        pages = "".join(text for name, text in read.items() if name.startswith("evidence:commissioner_quarter"))
        cells = {number for _, number in re.findall(r"<span>(about )?(\d[\d,]*)%?</span>", pages)}
        assert cells
        assert cells <= set(re.findall(r"\d[\d,]*", files))

    def test_two_providers_can_be_compared(self, loaded: Loaded) -> None:
        quarter = newest_finished(local_day(LOADED_AT))
        read = [one for one in quarters_read(loaded.world.people["cass"], LOADED_AT) if one.quarter == quarter]
        assert [one.provider for one in read] == sorted(self.providers(loaded), key=lambda one: one.name)
        shares = {}
        for one in read:
            measure = one.published.measure("lost-contact.escalated-in-time")
            assert measure is not None
            shares[one.name] = measure.of(None)
        drawn = funnel(shares)
        assert drawn is not None
        assert len(drawn.points) == 2


@pytest.mark.requirement("R33")
class TestWhatWentFurther:
    def test_training_is_met_under_way_and_late(self, loaded: Loaded) -> None:
        found = needs_seen(loaded.world.people["quill"], LOADED_AT)
        assert {one.state for one in found} == {RegisterState.DONE, RegisterState.OPEN, RegisterState.OVERDUE}
        late = next(one for one in found if one.state is RegisterState.OVERDUE)
        assert 0 < late.coverage.trained < late.coverage.needed
        assert Obligation.objects.late(LOADED_AT).filter(subject_id=late.need.pk).count() == 1

    def test_a_clause_is_agreed_and_another_is_to_be(self, loaded: Loaded) -> None:
        states = Counter(one.state for one in clauses_seen(loaded.world.people["quill"], LOADED_AT))
        assert states == {RegisterState.AGREED: 1, RegisterState.OPEN: 1}

    def test_everybody_who_works_here_reads_the_bulletin_of_the_last_quarter(self, loaded: Loaded) -> None:
        (bulletin,) = bulletins_seen(loaded.world.people["wren"], LOADED_AT)
        assert bulletin.quarter == newest_finished(local_day(LOADED_AT))
        assert all(bulletin.words.values())
        for person in (loaded.world.people["indigo"], loaded.world.people["cass"], beside_it(loaded).people["tansy"]):
            assert bulletins_seen(person, LOADED_AT) == []

    def test_the_neighbour_can_adopt_the_lesson(self, loaded: Loaded) -> None:
        tansy, provider = beside_it(loaded).people["tansy"], beside_it(loaded).provider
        (lesson,) = lessons_seen(tansy, LOADED_AT)
        bundle = bundle_of(lesson)
        assert bundle.verdict.word == "Improved"
        assert later_verdict(lesson) == ""
        assert bundle.pathway is not None
        assert bundle.pathway.version == 2
        try:
            with transaction.atomic():
                adopted = adopt_lesson(
                    by=tansy, at=LOADED_AT, provider=provider, lesson=lesson, why="We lose contact too."
                )
                assert adopted.draft.content == bundle.pathway.definition
                raise _TakenBack
        except _TakenBack:
            assert not LessonAdoption.objects.exists()

    def test_neither_provider_sees_the_other(self, loaded: Loaded) -> None:
        for one, other in ((loaded.world, beside_it(loaded)), (beside_it(loaded), loaded.world)):
            for person in one.people.values():
                seen = Incident.objects.visible_to(person, LOADED_AT).values_list("provider_id", flat=True)
                assert other.provider.pk not in set(seen)


class _TakenBack(Exception):
    """What was tried is taken back: others read the same example."""


@pytest.mark.requirement("R34")
class TestWhatIsThereForAnInspector:
    def test_one_inspection_is_open_with_five_drawn(self, loaded: Loaded) -> None:
        (inspection,) = inspections_of(loaded.world.people["indigo"], LOADED_AT)
        (population,) = populations_of(inspection)
        assert population.count >= population.size == 5
        assert [one.record_id for one in ranked(population.draw.seed, population.ids)[:5]] == population.draw.drawn
        assert set(population.ids) <= {
            str(pk) for pk in incidents_in(inspection, LOADED_AT).values_list("pk", flat=True)
        }
        assert inspection.ends_at > LOADED_AT + timedelta(days=20)
        assert not inspection.identity_power

    def test_two_packs_are_built_and_one_waits_for_its_texts(self, loaded: Loaded) -> None:
        quill = loaded.world.people["quill"]
        inside, built, waiting = EvidencePack.objects.order_by("decided_at")
        assert (inside.disclosure, built.disclosure, waiting.disclosure) == ("full", "inspector", "inspector")
        for pack in (inside, built):
            for file in (pack.built.pdf, pack.built.page, pack.built.bundle):
                assert sha256(bytes_of(file)).hexdigest() == file.sha256
        assert still_open(texts_of(waiting, quill, LOADED_AT))
        assert not PackBuilt.objects.filter(pack=waiting).exists()

    def test_the_one_for_an_inspector_names_nobody(self, loaded: Loaded) -> None:
        inside, built = (
            bytes_of(one.built.page).decode()
            for one in EvidencePack.objects.filter(built__isnull=False).order_by("decided_at")
        )
        words = who_must_not_be_found(loaded.world.provider, loaded.world.people["indigo"])
        words -= set(Incident.objects.values_list("reference", flat=True))
        assert len(words) > 60
        assert {word for word in words if word in built} == set()
        assert {word for word in words if word in inside}, "the names are in the records"
