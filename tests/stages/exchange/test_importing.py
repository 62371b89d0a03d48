"""Importing: every row becomes an incident or says why not, nothing twice, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine
from saferpractice.exchange.operations import (
    carry_on,
    discard_old_files,
    give_up_file,
    keep_mapping,
    leave_out_line,
    retry_line,
    start_import,
)
from saferpractice.exchange.rules.states import BatchState, LineState
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.incidents.search import matching
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.triage.models import ThresholdDecision, TierDecision, TriageRecord
from tests.factories.exchange import (
    CORONERS,
    PLAIN,
    QUOTES,
    a_file,
    an_import,
    coroners_mapping,
    coroners_rows,
    csv_text,
    plain_mapping,
    plain_rows,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]

LATER = datetime(2031, 12, 3, 10, 0, tzinfo=UTC)
"""After the made-up coroners' reports."""


def states(batch: ImportBatch) -> list[tuple[int, str]]:
    return list(ImportLine.objects.filter(batch=batch).order_by("number").values_list("number", "state"))


def coroners_import(cast: Cast, rows: list[list[str]]) -> ImportBatch:
    text = csv_text(CORONERS, rows)
    return an_import(text, by=cast.lead, team=cast.north, at=LATER, mapping=coroners_mapping())


class TestTheCoronersShape:
    def test_every_row_is_an_incident_word_for_word(self, cast: Cast) -> None:
        rows = coroners_rows(12)
        coroners_import(cast, rows)
        kept = {one.source_reference: one for one in Incident.objects.all()}
        assert len(kept) == 12
        for cells in rows:
            incident = kept[cells[0] or cells[6]]
            assert incident.what_happened == cells[4]
            for text in (cells[5], cells[2], cells[3], cells[6]):
                assert text in incident.also_known
            assert incident.source_system == "coroners-pfd"
            assert (incident.physical_harm, incident.reporter) == ("fatal", cast.lead)
            assert incident.known_at < incident.recorded_at == LATER

    def test_they_await_their_tier_c_review_and_nothing_else(self, cast: Cast) -> None:
        an_import(
            csv_text(CORONERS, coroners_rows(3)), by=cast.lead, team=cast.north, at=LATER, mapping=coroners_mapping()
        )
        assert list(TierDecision.objects.values_list("tier", "proposal__rule_id")) == [("C", "harm-fatal")] * 3
        assert list(Obligation.objects.open().values_list("kind", flat=True)) == ["reviews.open"] * 3
        assert not OutboxMessage.objects.exists()

    def test_the_triage_record_says_that_it_was_made_on_import(self, cast: Cast) -> None:
        an_import(
            csv_text(CORONERS, coroners_rows(1)), by=cast.lead, team=cast.north, at=LATER, mapping=coroners_mapping()
        )
        record, threshold = TriageRecord.objects.get(), ThresholdDecision.objects.get()
        for words in (record.no_safety_actions_because, threshold.rationale, TierDecision.objects.get().reason):
            assert words.startswith("Recorded on import of incidents.csv, for every row alike: ")
        assert (record.abuse_or_neglect, record.decided_by) == ("unknown", cast.lead)

    def test_search_finds_them(self, cast: Cast) -> None:
        an_import(
            csv_text(CORONERS, coroners_rows(4)), by=cast.lead, team=cast.north, at=LATER, mapping=coroners_mapping()
        )
        assert matching(Incident.objects.all(), "crisis line").count() == 4
        assert matching(Incident.objects.all(), "owned the call back").count() == 4, (
            "what the coroner was worried about"
        )
        assert matching(Incident.objects.all(), "dragon").count() == 0

    def test_whoever_may_not_triage_cannot_have_it_recorded(self, cast: Cast) -> None:
        text = csv_text(CORONERS, coroners_rows(1))
        with pytest.raises(Refused, match="triage"):
            an_import(text, by=cast.quality_lead, team=cast.north, at=LATER, mapping=coroners_mapping())
        assert not ImportBatch.objects.exists()

    def test_but_may_import_and_leave_triage_to_the_teams(self, cast: Cast) -> None:
        without = coroners_mapping().model_copy(update={"triage": None})
        text = csv_text(CORONERS, coroners_rows(2))
        an_import(text, by=cast.quality_lead, team=cast.north, at=LATER, mapping=without)
        assert list(Obligation.objects.open().values_list("kind", flat=True)) == ["triage.decide"] * 2

    def test_an_empty_narrative_is_held_back(self, cast: Cast) -> None:
        rows = coroners_rows(3)
        rows[1][4] = ""
        batch = coroners_import(cast, rows)
        assert states(batch) == [(2, "imported"), (3, "held"), (4, "imported")]
        (line,) = queries.held_lines(batch)
        assert line.reason.startswith("Column “circumstances”: This is empty.")
        assert queries.cells_of(line) == rows[1]


class TestNothingTwice:
    def test_the_same_file_again(self, cast: Cast) -> None:
        text = csv_text(PLAIN, plain_rows(5))
        an_import(text, by=cast.lead, team=cast.north)
        again = an_import(text, by=cast.quality_lead, team=cast.south, at=NOW + timedelta(days=1))
        assert Incident.objects.count() == 5
        assert [state for _, state in states(again)] == ["already"] * 5

    def test_a_longer_file_adds_what_is_new(self, cast: Cast) -> None:
        an_import(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)
        longer = an_import(csv_text(PLAIN, plain_rows(5)), by=cast.lead, team=cast.north)
        assert [state for _, state in states(longer)] == ["already"] * 3 + ["imported"] * 2

    def test_the_same_import_started_twice(self, cast: Cast) -> None:
        file = a_file(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north)
        first = start_import(by=cast.lead, at=NOW, file=file, mapping=plain_mapping())
        assert start_import(by=cast.lead, at=NOW, file=file, mapping=plain_mapping()) == first

    def test_the_same_row_twice_in_a_file(self, cast: Cast) -> None:
        rows = plain_rows(2)
        batch = an_import(csv_text(PLAIN, [*rows, rows[0]]), by=cast.lead, team=cast.north)
        assert states(batch)[-1] == (4, "already")
        assert ImportLine.objects.get(batch=batch, number=4).reason == "The same as row 2."

    def test_one_reference_and_two_stories_in_a_file(self, cast: Cast) -> None:
        rows = plain_rows(2)
        rows[1][0] = rows[0][0]
        batch = an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        (line,) = queries.held_lines(batch)
        assert "Row 2 of this file has the same reference" in line.reason
        assert Incident.objects.count() == 1

    def test_other_words_than_what_is_here_are_pointed_out(self, cast: Cast) -> None:
        an_import(csv_text(PLAIN, plain_rows(1)), by=cast.lead, team=cast.north)
        reworded = [[*plain_rows(1)[0][:2], "She was found safe.", "None", "No"]]
        batch = an_import(csv_text(PLAIN, reworded), by=cast.lead, team=cast.north)
        line = ImportLine.objects.get(batch=batch)
        assert line.state == "already"
        assert "words it otherwise" in line.reason
        assert Incident.objects.get().what_happened == "Nobody answered the door, visit 1."

    def test_two_sources_may_use_one_number(self, cast: Cast) -> None:
        text = csv_text(PLAIN, plain_rows(1))
        an_import(text, by=cast.lead, team=cast.north)
        an_import(text, by=cast.lead, team=cast.north, mapping=plain_mapping(source_system="another system"))
        assert Incident.objects.count() == 2

    def test_without_references_a_row_is_known_by_what_it_says(self, cast: Cast) -> None:
        mapping, text = plain_mapping(reference=[]), csv_text(PLAIN, plain_rows(3))
        an_import(text, by=cast.lead, team=cast.north, mapping=mapping)
        an_import(text, by=cast.lead, team=cast.north, mapping=mapping)
        assert Incident.objects.count() == 3

    def test_one_withdrawn_by_hand_may_come_again(self, cast: Cast) -> None:
        text = csv_text(PLAIN, plain_rows(1))
        an_import(text, by=cast.lead, team=cast.north)
        withdraw_incident(by=cast.lead, at=NOW, incident=Incident.objects.get(), reason="Entered twice")
        batch = an_import(text, by=cast.lead, team=cast.north)
        assert states(batch) == [(2, "imported")]
        assert Incident.objects.standing().count() == 1


class TestTextAsItIs:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_quotes_and_emoji_stay(self, cast: Cast, encoding: str) -> None:
        rows = [["D-1", "02/02/2026", QUOTES, "None", "No"]]
        an_import(csv_text(PLAIN, rows).encode(encoding), by=cast.lead, team=cast.north)
        assert Incident.objects.get().what_happened == QUOTES

    def test_windows_letters(self, cast: Cast) -> None:
        rows = [["D-1", "02/02/2026", "She said “I’m fine” – £5", "None", "No"]]
        an_import(csv_text(PLAIN, rows, delimiter=";").encode("cp1252"), by=cast.lead, team=cast.north)
        assert Incident.objects.get().what_happened == "She said “I’m fine” – £5"

    def test_a_formula_is_text(self, cast: Cast) -> None:
        rows = [["D-1", "02/02/2026", '=HYPERLINK("https://example.org","click")', "None", "No"]]
        an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        assert Incident.objects.get().what_happened == '=HYPERLINK("https://example.org","click")'

    def test_nul_and_line_ends(self, cast: Cast) -> None:
        rows = [["D-1", "02/02/2026", "one\r\ntwo\x00\nthree", "None", "No"]]
        an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        assert Incident.objects.get().what_happened == "one\ntwo\nthree"


class TestBringingAFile:
    def test_its_text_lies_encrypted(self, cast: Cast) -> None:
        from django.core.files.storage import default_storage

        file = a_file(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)
        with default_storage.open(file.path) as sealed:
            assert b"Nobody answered" not in sealed.read()
        assert "Nobody answered" in "".join(row.cells[2] for row in queries.table_of(file).rows)

    def test_it_is_gone_after_the_import(self, cast: Cast) -> None:
        from django.core.files.storage import default_storage

        batch = an_import(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)
        file = ImportFile.objects.get(batch=batch)
        assert file.discarded_at == NOW
        assert not default_storage.exists(file.path)

    def test_or_when_nobody_comes_back_for_two_days(self, cast: Cast) -> None:
        file = a_file(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)
        assert discard_old_files(at=NOW + timedelta(hours=47)) == 0
        assert discard_old_files(at=NOW + timedelta(hours=48)) == 1
        assert queries.file_of(by=cast.lead, at=NOW, file_id=file.pk) is None

    def test_or_when_it_is_given_up(self, cast: Cast) -> None:
        file = a_file(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)
        give_up_file(by=cast.lead, at=NOW, file=file)
        assert queries.dry_run(file=file, mapping=plain_mapping(), at=NOW).problem.startswith("The text of this file")

    def test_a_file_that_is_no_text(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as refused:
            a_file(b"PK\x03\x04 a spreadsheet", by=cast.lead, team=cast.north)
        assert "CSV UTF-8" in refused.value.problems["file"]

    def test_a_team_of_somebody_else(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as refused:
            a_file("a\n1\n", by=cast.stranger, team=cast.north)
        assert "team" in refused.value.problems

    def test_too_large(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.exchange.staging.LARGEST_BYTES", 20)
        with pytest.raises(Invalid, match="larger"):
            a_file(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)

    @pytest.mark.parametrize(
        "text",
        ["a,b\n1,2\n", f"{','.join(PLAIN)}\n", f'{",".join(PLAIN)}\nD-1,"never closed,a,b,c\n'],
        ids=["other columns", "no rows", "a quote never closed"],
    )
    def test_one_that_cannot_be_imported(self, cast: Cast, text: str) -> None:
        file = a_file(text, by=cast.lead, team=cast.north)
        assert queries.dry_run(file=file, mapping=plain_mapping(), at=NOW).problem
        with pytest.raises(Invalid):
            start_import(by=cast.lead, at=NOW, file=file, mapping=plain_mapping())

    @pytest.mark.parametrize("name", ["worker", "duty_manager", "supervisor", "reviewer", "director", "inspector"])
    def test_others_may_not(self, cast: Cast, name: str) -> None:
        by = cast.people()[name]
        with pytest.raises(Refused, match="import incidents"):
            a_file("a\n1\n", by=by, team=cast.north)

    @pytest.mark.parametrize("name", ["lead", "quality_lead", "administrator"])
    def test_these_may(self, cast: Cast, name: str) -> None:
        batch = an_import(csv_text(PLAIN, plain_rows(1)), by=cast.people()[name], team=cast.north)
        assert states(batch) == [(2, "imported")]


class TestDryRun:
    def test_it_says_what_the_import_then_does(self, cast: Cast) -> None:
        an_import(csv_text(PLAIN, plain_rows(1)), by=cast.lead, team=cast.north)
        rows = plain_rows(8)
        rows[3][2] = ""
        rows[4][0] = "D-3"
        rows[5] = rows[2]
        rows[6][3] = "Bruise"
        text = csv_text(PLAIN, rows) + "only one cell\r\n"
        file = a_file(text, by=cast.lead, team=cast.north)
        dry = queries.dry_run(file=file, mapping=plain_mapping(), at=NOW)
        said = queries.judged(table=queries.table_of(file), mapping=plain_mapping(), file=file, at=NOW)
        foretold = [(one.row.number, one.state.value) for one in said]
        batch = an_import(text, by=cast.lead, team=cast.north)
        assert foretold == states(batch)
        assert (dry.rows, dry.usable, dry.counts[LineState.HELD]) == (9, 3, 4)

    def test_it_writes_nothing(self, cast: Cast) -> None:
        file = a_file(csv_text(PLAIN, plain_rows(5)), by=cast.lead, team=cast.north)
        before = (Incident.objects.count(), ImportLine.objects.count(), TrailEntry.objects.count())
        queries.dry_run(file=file, mapping=plain_mapping(), at=NOW)
        assert (Incident.objects.count(), ImportLine.objects.count(), TrailEntry.objects.count()) == before

    def test_another_provider_s_incidents_are_not_here(self, cast: Cast) -> None:
        from saferpractice.access.models import Team

        an_import(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north)
        theirs = a_file(csv_text(PLAIN, plain_rows(2)), by=cast.stranger, team=None)
        mapping = plain_mapping(answers={"team": {"value": "North team"}})
        dry = queries.dry_run(file=theirs, mapping=mapping, at=NOW)
        assert dry.counts[LineState.ALREADY] == 0
        assert dry.counts[LineState.HELD] == 2, "and our team is not theirs"
        assert Team.objects.filter(provider=cast.stranger.provider).count() == 0


class TestQuarantine:
    def held(self, cast: Cast) -> ImportLine:
        rows = plain_rows(2)
        rows[0][2] = ""
        return queries.held_lines(an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north))[0]

    def test_cells_lie_encrypted_and_bound_to_their_line(self, cast: Cast) -> None:
        line = self.held(cast)
        assert "D-1" not in line.values_encrypted
        line.number += 1
        with pytest.raises(ValueError, match="belongs to something else"):
            queries.cells_of(line)

    def test_corrected_it_becomes_an_incident(self, cast: Cast) -> None:
        line = self.held(cast)
        cells = queries.cells_of(line)
        cells[2] = "Nobody answered, and the light was on."
        done = retry_line(by=cast.quality_lead, at=NOW, line=line, cells=cells)
        assert (done.state, done.reason, done.values_encrypted) == ("imported", "", "")
        assert done.incident is not None
        assert done.incident.what_happened == "Nobody answered, and the light was on."
        assert queries.standing(line.batch).state is BatchState.DONE

    def test_twice_is_once(self, cast: Cast) -> None:
        line = self.held(cast)
        cells = [*queries.cells_of(line)[:2], "She was out.", "None", "No"]
        first = retry_line(by=cast.lead, at=NOW, line=line, cells=cells)
        assert retry_line(by=cast.lead, at=NOW, line=line, cells=cells) == first
        assert Incident.objects.count() == 2

    def test_still_wrong_it_says_so_beside_each_column_and_stays(self, cast: Cast) -> None:
        line = self.held(cast)
        with pytest.raises(Invalid) as refused:
            retry_line(by=cast.lead, at=NOW, line=line, cells=["D-1", "soon", " ", "None", "No"])
        assert set(refused.value.problems) == {"Date", "Story"}
        line.refresh_from_db()
        assert line.state == "held"

    def test_a_reference_that_is_taken_by_another_row(self, cast: Cast) -> None:
        line = self.held(cast)
        with pytest.raises(Invalid, match="same reference"):
            retry_line(by=cast.lead, at=NOW, line=line, cells=["D-2", "02/02/2026", "Another story", "None", "No"])

    def test_left_out_with_a_reason(self, cast: Cast) -> None:
        line = self.held(cast)
        with pytest.raises(Invalid):
            leave_out_line(by=cast.lead, at=NOW, line=line, reason=" ")
        left = leave_out_line(by=cast.lead, at=NOW, line=line, reason="A test entry of the old system")
        assert (left.state, left.reason) == ("left_out", "A test entry of the old system")
        assert queries.cells_of(left)[0] == "D-1", "nothing is lost"
        assert queries.standing(line.batch).state is BatchState.DONE

    def test_others_may_not(self, cast: Cast) -> None:
        line = self.held(cast)
        for by in (cast.duty_manager, cast.stranger):
            with pytest.raises(Refused):
                retry_line(by=by, at=NOW, line=line, cells=[])
            assert queries.line_of(by=by, at=NOW, line_id=line.pk) is None


class TestTheTrail:
    def test_every_row_has_its_entry_and_the_chain_is_whole(self, cast: Cast) -> None:
        rows = plain_rows(3)
        rows[1][2] = ""
        an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        said = list(
            TrailEntry.objects.filter(operation__startswith="exchange.")
            .order_by("sequence")
            .values_list("sentence", flat=True)
        )
        assert said[-4:] == [
            "began to import 3 rows of incidents.csv",
            "imported row 2 of incidents.csv",
            "held back row 3 of incidents.csv",
            "imported row 4 of incidents.csv",
        ]
        assert check_chain(cast.provider.pk).whole

    def test_an_incident_s_story_says_where_it_came_from(self, cast: Cast) -> None:
        an_import(csv_text(PLAIN, plain_rows(1)), by=cast.lead, team=cast.north)
        story = TrailEntry.objects.story(Incident.objects.get().pk)
        assert "imported row 2 of incidents.csv" in [entry.sentence for entry in story]

    def test_no_cell_stands_in_the_open(self, cast: Cast) -> None:
        rows = plain_rows(1)
        rows[0][3] = "Broken by J. Smith"
        an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        assert not TrailEntry.objects.filter(facts__icontains="Smith").exists()
        assert not ImportLine.objects.filter(reason__icontains="Smith").exists()


class TestKeptMappings:
    def test_the_newest_of_a_name_is_in_force(self, cast: Cast) -> None:
        keep_mapping(by=cast.lead, at=NOW, provider=cast.provider, mapping=plain_mapping())
        newer = plain_mapping(about="With more said")
        keep_mapping(by=cast.lead, at=NOW + timedelta(hours=1), provider=cast.provider, mapping=newer)
        (kept,) = queries.kept_mappings(cast.provider.pk)
        assert queries.find_mapping(f"kept:{kept.pk}", cast.provider.pk) == newer

    def test_another_provider_does_not_see_it(self, cast: Cast) -> None:
        kept = keep_mapping(by=cast.lead, at=NOW, provider=cast.provider, mapping=plain_mapping())
        assert queries.find_mapping(f"kept:{kept.pk}", cast.stranger.provider_id) is None
        assert [name for _, name in queries.mapping_choices(cast.stranger.provider_id)] == [coroners_mapping().name]

    def test_keeping_it_again_adds_nothing(self, cast: Cast) -> None:
        first = keep_mapping(by=cast.lead, at=NOW, provider=cast.provider, mapping=plain_mapping())
        assert keep_mapping(by=cast.lead, at=NOW, provider=cast.provider, mapping=plain_mapping()) == first


class TestSomebodyLeaves:
    def test_rows_left_are_held_back_when_whoever_began_may_no_longer(self, cast: Cast) -> None:
        batch = an_import(csv_text(PLAIN, plain_rows(4)), by=cast.lead, team=cast.north, finish=False)
        carry_on(batch=batch, at=NOW, limit=2)
        cast.lead.is_active = False
        cast.lead.save(update_fields=["is_active"])
        carry_on(batch=ImportBatch.objects.get(pk=batch.pk), at=NOW, limit=10)
        assert [state for _, state in states(batch)] == ["imported", "imported", "held", "held"]
        assert "may import incidents" in queries.held_lines(batch)[0].reason
