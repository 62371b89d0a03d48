"""The pages after an import: rows held back and put right, rows left out, many imports, one stopped, one undone."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.config.models import new_id
from saferpractice.deadlines.models import Obligation
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine, ImportUndo
from saferpractice.exchange.operations import (
    carry_on,
    leave_out_line,
    retry_line,
    running,
    start_undo,
    undoing,
    withdraw_line,
)
from saferpractice.exchange.presenters import counted, progress_words
from saferpractice.exchange.rules.states import BatchState, LineState, standing_of
from saferpractice.exchange.views.batches import PAGE
from saferpractice.incidents.models import Incident, Withdrawal
from saferpractice.incidents.operations import correct_report
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.exchange import PLAIN, a_file, an_import, csv_text, plain_rows
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6", "R7")]

LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _stop_the_clock(the_clock: TestClock) -> None:
    the_clock.stand_at(LATER)


def window(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def client(cast: Cast) -> Client:
    """The safeguarding lead's window."""
    return window(cast.lead)


def text_of(response: HttpResponse) -> str:
    """What the page says, without its marks."""
    assert response.status_code == 200, response.status_code
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode())))


def at(name: str, key: UUID) -> str:
    return reverse(f"exchange:{name}", args=[key])


def imported(cast: Cast, good: int = 2, bad: int = 0, **more: object) -> ImportBatch:
    rows = [[f"B-{n}", "02/02/2026", "", "None", "No"] for n in range(bad)]
    return an_import(csv_text(PLAIN, rows + plain_rows(good)), by=cast.lead, team=cast.north, **more)  # type: ignore[arg-type]


def older(batch: ImportBatch, number: int) -> ImportBatch:
    """An import like ``batch``, of days before, not saved yet."""
    file = ImportFile.objects.get(pk=batch.file_id)
    file.pk, file.path, file._state.adding = new_id(), f"{file.path}-{number}", True
    file.save(force_insert=True)
    same = {name: getattr(batch, name) for name in ("provider", "sha256", "source_system", "mapping", "rows")}
    who = {"decided_by_name": "Somebody", "decided_by_role": ""}
    at = NOW - timedelta(days=number + 1)
    return ImportBatch(file=file, file_name=f"older {number}.csv", decided_at=at, **same, **who)


class TestTheList:
    def test_each_says_what_became_of_its_rows(self, cast: Cast, client: Client) -> None:
        imported(cast, 2, 1)
        imported(cast, 2, name="again.csv")
        page = text_of(client.get(reverse("exchange:imports")))
        assert page.index("again.csv") < page.index("incidents.csv"), "newest first"
        assert "2 imported, 1 held back" in page
        assert "2 already here" in page

    def test_a_file_that_waits_says_who_brought_it_and_until_when(self, cast: Cast, client: Client) -> None:
        a_file("a\n1\n", by=cast.quality_lead, team=None, name="waiting.csv")
        page = text_of(client.get(reverse("exchange:imports")))
        assert re.search(
            r"waiting\.csv , uploaded 4 March 2026, 2:05am by Quill Harker\. Thrown away after two days", page
        )

    @pytest.mark.parametrize(("more", "pages"), [(0, 1), (1, 2)])
    def test_every_import_can_be_reached(self, cast: Cast, client: Client, more: int, pages: int) -> None:
        batch = imported(cast, 1)
        others = [older(batch, number) for number in range(PAGE - 1 + more)]
        ImportBatch.objects.bulk_create(others)
        seen = "".join(text_of(client.get(f"{reverse('exchange:imports')}?page={n}")) for n in range(1, pages + 1))
        assert all(f"older {number}.csv " in seen for number in range(len(others)))
        first = client.get(reverse("exchange:imports")).content.decode()
        assert ("?page=2" in first) is (pages == 2)
        last = client.get(f"{reverse('exchange:imports')}?page={pages}").content.decode()
        assert f"?page={pages + 1}" not in last

    @pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 30, "99"])
    def test_a_page_that_does_not_exist_is_no_error(self, cast: Cast, client: Client, page: str) -> None:
        imported(cast, 1)
        assert client.get(f"{reverse('exchange:imports')}?page={page}").status_code == 200

    def test_another_provider_sees_none_of_it(self, cast: Cast) -> None:
        imported(cast)
        page = text_of(window(cast.stranger).get(reverse("exchange:imports")))
        assert "incidents.csv" not in page
        assert "Nothing has been imported yet" in page


class TestOneImport:
    def test_long_lists_go_on_over_pages(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, PAGE + 3)
        first = client.get(at("batch", batch.pk)).content.decode()
        assert f"Row {PAGE + 1}<" in re.sub(r"\s*<", "<", first)
        assert f"Row {PAGE + 2}<" not in re.sub(r"\s*<", "<", first)
        assert f"?after={PAGE + 1}" in first
        second = text_of(client.get(f"{at('batch', batch.pk)}?after={PAGE + 1}"))
        assert [f"Row {n} " in second for n in (PAGE + 1, PAGE + 2, PAGE + 4)] == [False, True, True]
        assert "First rows" in second

    def test_the_first_rows_held_back_are_shown_and_the_file_has_all(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 1, PAGE + 2)
        page = text_of(client.get(at("batch", batch.pk)))
        assert "Only the first rows are shown here. The file holds them all." in page
        saved = b"".join(client.get(at("held_file", batch.pk)).streaming_content).decode()  # type: ignore[attr-defined]
        assert saved.count("This is empty.") == PAGE + 2

    def test_an_incident_one_may_not_open_has_no_name(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 1)
        reference = Incident.objects.get().reference
        assert reference in text_of(client.get(at("batch", batch.pk)))
        assert reference not in text_of(window(cast.administrator).get(at("batch", batch.pk)))

    def test_one_whose_text_was_lost_says_that_what_is_in_stays(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 4, finish=False)
        carry_on(batch=batch, at=NOW, limit=2)
        default_storage.delete(batch.file.path)
        carry_on(batch=batch, at=NOW, limit=2)
        page = text_of(client.get(at("batch", batch.pk)))
        assert "This import has stopped" in page
        assert "upload the file again and only the rest goes in" in page
        start_undo(by=cast.lead, at=LATER, batch=batch, reason="Once more from the beginning")
        carry_on(batch=batch, at=LATER, limit=10)
        page = text_of(client.get(at("batch", batch.pk)))
        assert "stopped" not in page, "what was imported has gone, so nothing says that it stays"
        assert "2 taken back" in page

    def test_an_undone_one_still_shows_what_was_held_back_and_offers_no_correction(
        self, cast: Cast, client: Client
    ) -> None:
        batch = imported(cast, 1, 1)
        line = queries.held_lines(batch)[0]
        assert at("line", line.pk) in client.get(at("batch", batch.pk)).content.decode()
        start_undo(by=cast.lead, at=LATER, batch=batch, reason="The wrong file")
        carry_on(batch=batch, at=LATER, limit=10)
        page = client.get(at("batch", batch.pk))
        assert "These rows never became incidents." in text_of(page)
        assert "B-0" in text_of(page)
        assert at("line", line.pk) not in page.content.decode()

    @pytest.mark.parametrize(
        ("counts", "said", "progress"),
        [
            ({}, "0 of 1,200 rows", "0 of 1,200 rows looked at."),
            ({"imported": 1000, "held": 3}, "1,000 imported, 3 held back", "1,003 of 1,200 rows looked at."),
        ],
    )
    def test_how_far_it_is_in_words(self, counts: dict[str, int], said: str, progress: str) -> None:
        standing = standing_of(rows=1200, counts=counts, undone=False)
        assert (counted(standing), progress_words(standing)) == (said, progress)

    def test_how_far_an_undo_is_counts_only_incidents(self) -> None:
        standing = standing_of(rows=9, counts={"imported": 2, "withdrawn": 3, "stays": 1, "held": 3}, undone=True)
        assert progress_words(standing) == "4 of 6 rows taken back."


class TestOneRow:
    def test_a_ragged_row_shows_the_cells_that_have_no_heading(self, cast: Cast, client: Client) -> None:
        text = f"{','.join(PLAIN)}\nD-1,02/02/2026,She left.,None,No,who,knows\n"
        batch = an_import(text, by=cast.lead, team=cast.north)
        line = queries.held_lines(batch)[0]
        page = text_of(client.get(at("line", line.pk)))
        assert "Cells that stood beyond the last heading: who · knows" in page
        cells = {f"c{n}": cell for n, cell in enumerate(["D-1", "02/02/2026", "She left.", "None", "No"])}
        assert client.post(at("line", line.pk), cells).status_code == 302
        assert Incident.objects.get().what_happened == "She left."

    def test_a_short_row_is_filled_up_on_its_page(self, cast: Cast, client: Client) -> None:
        batch = an_import(f"{','.join(PLAIN)}\nD-1,02/02/2026\n", by=cast.lead, team=cast.north)
        form = client.get(at("line", queries.held_lines(batch)[0].pk)).content.decode()
        assert [f'name="c{n}"' in form for n in range(6)] == [True] * 5 + [False]

    def test_what_the_mapping_does_not_read_is_marked(self, cast: Cast, client: Client) -> None:
        text = f"{','.join(PLAIN)},Nickname\nD-1,02/02/2026,,None,No,Bee\n"
        batch = an_import(text, by=cast.lead, team=cast.north)
        page = text_of(client.get(at("line", queries.held_lines(batch)[0].pk)))
        assert page.count("The mapping does not read this") == 1

    @pytest.mark.parametrize(
        ("cell", "box"), [("short", False), ("x" * 101, True), ("two\nlines", True)], ids=["short", "long", "lines"]
    )
    def test_a_cell_has_the_room_it_needs(self, cast: Cast, client: Client, cell: str, box: bool) -> None:
        text = csv_text([*PLAIN, "Note"], [["D-1", "02/02/2026", "", "None", "No", cell]])
        batch = an_import(text, by=cast.lead, team=cast.north)
        form = client.get(at("line", queries.held_lines(batch)[0].pk)).content.decode()
        assert bool(re.search(r'<textarea[^>]*name="c5"', form)) is box
        assert re.search(r'<textarea[^>]*name="c2"', form), "a narrative may be long, though nothing stands there yet"

    def test_found_here_already_it_says_so(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 0, 1)
        an_import(csv_text(PLAIN, [["B-0", "02/02/2026", "She left.", "None", "No"]]), by=cast.lead, team=cast.north)
        cells = {f"c{n}": cell for n, cell in enumerate(["B-0", "02/02/2026", "She left.", "None", "No"])}
        done = client.post(at("line", queries.held_lines(batch)[0].pk), cells, follow=True)
        assert "Row 2 was here already." in text_of(done)
        assert Incident.objects.count() == 1

    @pytest.mark.parametrize("name", ["line", "leave_out"])
    def test_one_that_is_an_incident_meanwhile_is_neither_corrected_nor_left_out(
        self, cast: Cast, client: Client, name: str
    ) -> None:
        batch = imported(cast, 1)
        line = ImportLine.objects.get(batch=batch)
        for answer in (client.get(at(name, line.pk)), client.post(at(name, line.pk), {"reason": "No longer wanted"})):
            assert answer.headers["Location"] == at("batch", batch.pk)
        assert "left out" not in text_of(client.get(at("batch", batch.pk))).lower()
        line.refresh_from_db()
        assert line.state == LineState.IMPORTED

    def test_leaving_out_twice_keeps_the_first_reason(self, cast: Cast) -> None:
        line = queries.held_lines(imported(cast, 1, 1))[0]
        leave_out_line(by=cast.lead, at=NOW, line=line, reason="A test entry")
        assert leave_out_line(by=cast.quality_lead, at=LATER, line=line, reason="Another").reason == "A test entry"
        assert TrailEntry.objects.filter(operation="exchange.leave_out_line").count() == 1

    def test_one_left_out_is_not_tried_again(self, cast: Cast) -> None:
        line = queries.held_lines(imported(cast, 1, 1))[0]
        leave_out_line(by=cast.lead, at=NOW, line=line, reason="A test entry")
        cells = ["B-0", "02/02/2026", "She left.", "None", "No"]
        assert retry_line(by=cast.lead, at=LATER, line=line, cells=cells).state == LineState.LEFT_OUT
        assert Incident.objects.count() == 1


class TestUndoing:
    def test_somebody_works_on_an_incident_between_the_decision_and_its_turn(self, cast: Cast) -> None:
        batch = imported(cast, 3)
        start_undo(by=cast.lead, at=LATER, batch=batch, reason="The wrong file")
        carry_on(batch=batch, at=LATER, limit=1)
        worked_on = ImportLine.objects.get(batch=batch, number=3).incident
        correct_report(
            by=cast.lead, at=LATER, incident=worked_on, part="what_happened", text="She was in.", reason="She rang"
        )
        carry_on(batch=batch, at=LATER + timedelta(minutes=1), limit=10)
        assert list(Incident.objects.standing()) == [worked_on]
        assert queries.standing(batch).counts == {LineState.WITHDRAWN: 2, LineState.STAYS: 1}
        assert Obligation.objects.open().count() == 1

    def test_undone_twice_it_is_withdrawn_once_and_the_first_reason_stands(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 2)
        for reason in ("The wrong file", "Again"):
            assert client.post(at("undo", batch.pk), {"reason": reason}).status_code == 302
        assert Withdrawal.objects.count() == 2
        assert set(Withdrawal.objects.values_list("reason", flat=True)) == {"The wrong file"}
        assert ImportUndo.objects.get().reason == "The wrong file"

    def test_a_line_withdrawn_twice_is_withdrawn_once(self, cast: Cast) -> None:
        batch = imported(cast, 1)
        start_undo(by=cast.lead, at=LATER, batch=batch, reason="The wrong file")
        for _ in range(2):
            withdraw_line(by=cast.lead, at=LATER, line=ImportLine.objects.get(batch=batch))
        assert Withdrawal.objects.count() == 1
        assert TrailEntry.objects.filter(operation="exchange.withdraw_line").count() == 1

    def test_killed_in_the_middle_the_next_worker_ends_it(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        batch = imported(cast, 3)
        start_undo(by=cast.lead, at=LATER, batch=batch, reason="The wrong file")
        real, calls = undoing.withdraw_incident, [0]

        def killed(**kwargs: object) -> object:
            calls[0] += 1
            done = real(**kwargs)  # type: ignore[arg-type]
            if calls[0] == 2:
                raise KeyboardInterrupt
            return done

        with monkeypatch.context() as dying:
            dying.setattr(undoing, "withdraw_incident", killed)
            with pytest.raises(KeyboardInterrupt):
                carry_on(batch=batch, at=LATER, limit=10)
        assert Withdrawal.objects.count() == 1, "the second was not half withdrawn"
        assert queries.standing(batch).state is BatchState.UNDOING
        carry_on(batch=batch, at=LATER + running.CLAIMED_FOR, limit=10)
        assert queries.standing(batch).state is BatchState.UNDONE
        assert Withdrawal.objects.count() == 3
        assert check_chain(cast.provider.pk).whole

    def test_while_it_is_imported_the_page_says_wait(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 2, finish=False)
        assert "Undo this import" not in text_of(client.get(at("batch", batch.pk)))
        page = text_of(client.post(at("undo", batch.pk), {"reason": "The wrong file"}))
        assert "Wait until the import is finished, then undo it." in page
        assert not ImportUndo.objects.exists()

    def test_where_nothing_was_imported_there_is_nothing_to_undo(self, cast: Cast, client: Client) -> None:
        imported(cast, 2)
        again = imported(cast, 2)
        assert "Undo this import" not in text_of(client.get(at("batch", again.pk)))

    def test_a_row_held_back_says_why_it_can_no_longer_follow(self, cast: Cast, client: Client) -> None:
        batch = imported(cast, 1, 1)
        line = queries.held_lines(batch)[0]
        client.post(at("undo", batch.pk), {"reason": "The wrong file"})
        cells = {f"c{n}": cell for n, cell in enumerate(["B-0", "02/02/2026", "She left.", "None", "No"])}
        assert "This import was undone." in text_of(client.post(at("line", line.pk), cells))
        with pytest.raises(Invalid):
            retry_line(by=cast.lead, at=LATER, line=line, cells=list(cells.values()))

    @pytest.mark.parametrize("name", ["duty_manager", "director", "reviewer", "worker", "commissioner", "stranger"])
    def test_those_who_may_not_import_take_nothing_back(self, cast: Cast, name: str) -> None:
        batch, person = imported(cast, 1), cast.people()[name]
        looks = AccessEntry.objects.count()
        assert window(person).post(at("undo", batch.pk), {"reason": "I say so"}).status_code == 404
        with pytest.raises(Refused):
            start_undo(by=person, at=LATER, batch=batch, reason="I say so")
        assert AccessEntry.objects.count() == looks, "what was not seen is no look"
        assert Incident.objects.standing().count() == 1
