"""The PDF of a pack: what a screen reader, an archive and a careful reader need of it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from functools import cache

import pikepdf
import pytest

from saferpractice.design.drawn import NotADrawing
from saferpractice.evidence.rendering import data, pdf
from saferpractice.evidence.rules.packs.document import (
    Block,
    Cleared,
    Disclosure,
    Kind,
    Missing,
    Note,
    Pack,
    Section,
    Source,
    Story,
    TableRow,
    Typed,
    Who,
    Words,
)
from tests.factories.packs_drawn import (
    AT,
    INCIDENT,
    a_chart,
    a_drawn_pack,
    a_story,
    a_table,
    attachments_of,
    bookmarks,
    every_chart,
    every_object,
    opened,
    some_facts,
    structure,
)
from tests.factories.pdf_text import page_text, text_of

pytestmark = pytest.mark.requirement("R32", "R34")

NESTED = (
    Section("First incident", (some_facts(), a_chart())),
    Section("What happened", (a_story(),), level=2),
    Section("Contacts", (a_table(),), level=2),
    Section("Second incident", (some_facts(),)),
    Section("What happened", (a_story(),), level=2),
)


@cache
def drawn(pack: Pack) -> pikepdf.Pdf:
    return opened(pdf(pack))


def whole() -> pikepdf.Pdf:
    return drawn(a_drawn_pack())


class TestStandards:
    def test_it_says_that_it_is_accessible_and_archivable(self) -> None:
        with whole().open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("3", "A")

    def test_it_is_tagged_in_english_and_shows_its_title(self) -> None:
        root = whole().Root
        assert bool(root.MarkInfo.Marked) is True
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle) is True

    def test_title_author_and_day_are_those_of_the_pack(self) -> None:
        at = datetime(2026, 6, 30, 22, 59, 58, tzinfo=UTC)
        file = opened(pdf(a_drawn_pack(Note("One"), made_at=at, title="A title", provider="A provider")))
        about = file.docinfo
        assert (str(about.Title), str(about.Author)) == ("A title", "A provider")
        assert str(about.CreationDate) == "D:20260630225958Z" == str(about.ModDate)

    def test_nothing_in_it_runs_or_opens_anything(self) -> None:
        nasty = 'https://example.org javascript:alert(1) #link("https://example.org") file:///etc/passwd'
        made = opened(pdf(a_drawn_pack(some_facts(Typed(nasty)), a_table(2, what=Typed(nasty)))))
        found: list[str] = []
        forbidden = {f"/{name}" for name in ("JS", "JavaScript", "OpenAction", "AA", "Launch", "URI", "GoToR")}

        def look(value: object) -> None:
            if isinstance(value, pikepdf.Dictionary):
                found.extend(set(value.keys()) & forbidden)
                found.extend({str(value.get("/S", ""))} & forbidden)

        every_object(made, look)
        assert found == []


class TestStructure:
    def test_every_figure_has_its_words(self) -> None:
        pack = a_drawn_pack(a_chart(), *(a_chart(svg=svg) for svg in every_chart()))
        figures = list(structure(drawn(pack)).all("Figure"))
        assert [figure.alt for figure in figures] == ["Incidents by theme. Lost contact 12, self-neglect 5"] * 5

    def test_every_head_of_a_column_says_so(self) -> None:
        tables = list(structure(whole()).all("Table"))
        assert len(tables) == 2, "the contacts, and those of the chart"
        for table in tables:
            (head,) = table.all("THead")
            cells = list(head.all("TH"))
            assert cells
            assert {cell.attribute("/Scope") for cell in cells} == {"/Column"}
            assert [cell.tag for row in head.all("TR") for cell in row.children] == ["TH"] * len(cells)
            rows = [row for body in table.all("TBody") for row in body.all("TR")]
            assert {len(row.children) for row in rows} == {len(cells)}

    def test_headings_leave_no_level_out_and_are_the_bookmarks(self) -> None:
        file = drawn(a_drawn_pack(sections=NESTED))
        tags = [element.tag for element in structure(file).all() if element.tag in {"H1", "H2", "H3", "H4"}]
        assert tags == ["H1", "H1", "H2", "H2", "H1", "H2"], "contents first"
        assert bookmarks(file) == [
            (1, "First incident"),
            (2, "What happened"),
            (2, "Contacts"),
            (1, "Second incident"),
            (2, "What happened"),
        ]

    def test_a_pack_that_begins_with_a_part_of_a_part_still_nests(self) -> None:
        file = drawn(a_drawn_pack(sections=(Section("A", (Note("1"),), level=2), Section("B", (Note("2"),), level=2))))
        assert bookmarks(file) == [(1, "A"), (2, "B")]

    @pytest.mark.parametrize(
        ("block", "tags"),
        [
            (Note("Recorded at the time"), "P"),
            (Words(Typed("One"), INCIDENT), "P P"),
            (some_facts(), "L P"),
            (a_table(), "Table"),
            (a_table(0), "P P"),
            (a_chart(), "Div Table"),
            (a_story(), "L"),
            (Story(()), "P"),
            (Missing((Words("One", INCIDENT), Words("Two", INCIDENT))), "L"),
            (Missing(()), "P"),
        ],
    )
    def test_every_block_is_read_aloud_as_what_it_is(self, block: Block, tags: str) -> None:
        """A summary, a story and what is missing are lists; nothing is left outside the tree."""
        children = [element.tag for element in structure(drawn(a_drawn_pack(block))).children]
        assert " ".join(children) == f"Title P L H1 {tags}"

    def test_tables_and_figures_have_captions(self) -> None:
        tree = structure(whole())
        assert len(list(tree.all("Caption"))) == len([*tree.all("Table"), *tree.all("Figure")]) == 3

    def test_nothing_to_show_is_said(self) -> None:
        said = text_of(whole())
        assert "Nobody was in contact." in said
        assert "Nothing is missing." in said
        assert "Nothing is recorded." in said


class TestPages:
    def test_long_tables_repeat_their_head_and_lose_no_row(self) -> None:
        pack = a_drawn_pack(a_table(400))
        file = drawn(pack)
        (table,) = structure(file).all("Table")
        assert sum(1 for _ in table.all("TR")) == 401
        pages = [page_text(page) for page in file.pages]
        assert len(pages) > 8
        assert all("What was done" in page and "Minutes" in page for page in pages)

    @pytest.mark.parametrize(
        ("rows", "what", "together"), [(12, "Called", True), (40, "Called", False), (6, "Called " * 400, False)]
    )
    def test_a_short_table_stays_together_and_no_table_runs_off_the_page(
        self, rows: int, what: str, together: bool
    ) -> None:
        filler = Words(Typed("\n".join(["line"] * 25)), INCIDENT)
        found = [
            page_text(page).count("Called")
            for page in drawn(a_drawn_pack(filler, a_table(rows, what=Typed(what)))).pages
        ]
        assert sum(found) == rows * what.count("Called")
        assert (len([count for count in found if count]) == 1) is together
        assert found[0] == 0 or not together, "there was no room for it on the first page"

    def test_every_page_says_whose_it_is_for_whom_and_which_page(self) -> None:
        pages = [page_text(page) for page in drawn(a_drawn_pack(a_table(120))).pages]
        for number, page in enumerate(pages, start=1):
            assert "Example provider" in page
            assert "Inside the service" in page
            assert f"Page {number} of {len(pages)}" in page

    @pytest.mark.parametrize("level", list(Disclosure))
    def test_the_level_in_words(self, level: Disclosure) -> None:
        pack = a_drawn_pack(Note("One"), disclosure=level, made_by=Who("Quality lead"))
        assert text_of(drawn(pack)).count(level.label) >= 2, "on the cover and in the head of the page"

    def test_every_statement_has_its_source(self) -> None:
        said = text_of(whole())
        for source in ("Incident 2026-0014", "Triage T-0", "Triage T-1", "Review R-0", "Review R-2"):
            assert source in said

    def test_rows_of_one_source_say_it_once(self) -> None:
        table = a_table(6)
        one = Source(Kind.AUDIT, "A-7")
        rows = tuple(TableRow(row.cells, one) for row in table.rows)
        said = text_of(drawn(a_drawn_pack(type(table)("one", "Caption", table.columns, rows, "None."))))
        assert said.count("Audit A-7") == 1
        assert "Source of every row: Audit A-7" in said

    def test_who_looked_through_confirmed_words(self) -> None:
        said = text_of(drawn(a_drawn_pack(Words(Cleared("Call twice", "Quality lead", AT), INCIDENT))))
        assert "Looked through for names by Quality lead, 2 November 2026" in said


class TestData:
    def test_the_data_is_attached_as_it_is(self) -> None:
        pack = a_drawn_pack()
        assert attachments_of(whole()) == data(pack)
        assert set(data(pack)) == {"pack.json", "contacts.csv", "visits.csv", "themes.csv"}

    def test_attached_files_say_what_they_are(self) -> None:
        kinds = dict(whole().attachments.items())
        assert {str(spec.obj.AFRelationship) for name, spec in kinds.items() if name.endswith(".csv")} == {"/Data"}
        assert str(kinds["pack.json"].obj.AFRelationship) == "/Source"
        assert kinds["contacts.csv"].get_file().mime_type == "text/csv"
        assert kinds["pack.json"].get_file().mime_type == "application/json"
        assert len(whole().Root.AF) == len(kinds)


class TestSameBytes:
    def test_twice(self) -> None:
        pack = a_drawn_pack(sections=NESTED)
        first = pdf(pack)
        pdf(a_drawn_pack(Note("Another in between")))
        assert pdf(a_drawn_pack(sections=NESTED)) == first

    def test_in_another_process(self) -> None:
        code = (
            "import sys; from tests.factories.packs_drawn import a_drawn_pack;"
            "from saferpractice.evidence import rendering;"
            "sys.stdout.buffer.write(rendering.pdf(a_drawn_pack()))"
        )
        made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
        assert made == pdf(a_drawn_pack())

    def test_another_moment_is_another_file(self) -> None:
        assert pdf(a_drawn_pack()) != pdf(a_drawn_pack(made_at=AT.replace(second=1)))


NASTY = {
    "markup": '#let x = 1 #panic("no") $x^2$ @ref <label> *bold* _it_ `raw` = Heading',
    "an escape": "\\ \\u{41} \\# //comment /* block */ ~ -- --- ...",
    "the end of a text": '"); panic("no") #("',
    "emoji": "\U0001f600\U0001f44d\U0001f3fd and \U0001f468‍\U0001f469‍\U0001f467",
    "Arabic": "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "Hebrew": "\u05e9\u05dc\u05d5\u05dd",
    "Hindi": "\u0939\u093f\u0928\u094d\u0926\u0940 \u092a\u093e\u0920",
    "Chinese": "\u4e2d\u6587\u5b57",
    "controls": "a\x00b\x01c\x1b[31md\x7fe\x85f\u2028g\u2029h",
    "direction": "abc\u202egpj.exe\u2066x\u2069",
    "nothing that is seen": "\u200b\ufeff\u00ad\u2060",
    "half a character": "a\ud800b",
    "no character": "\ufffe\uffff\U0010ffff\ue000\u0378",
    "marks alone": "\u0301\u0302 a\u0301\u0302\u0303\u0304",
    "a long word": "w" * 10_000,
    "a long text": "word " * 10_000,
    "many lines": "line\n" * 500,
    "nothing": "",
    "spaces": " \t\u00a0\u3000 ",
}


@pytest.mark.parametrize("name", NASTY)
def test_whatever_people_typed_is_drawn(name: str) -> None:
    text = NASTY[name]
    pack = a_drawn_pack(
        some_facts(Typed(text)),
        Words(Typed(text), INCIDENT),
        a_table(2, what=Typed(text)),
        a_chart(text[:60]),
        title=f"Pack {text[:200]}",
        about=text[:200] or "-",
        provider=f"Provider {text[:200]}",
        made_by=Who("Role", text[:200]),
    )
    file = opened(pdf(pack))
    assert list(structure(file).all("Figure"))
    assert attachments_of(file) == data(pack)


def test_markup_is_printed_as_it_was_typed() -> None:
    said = text_of(drawn(a_drawn_pack(Words(Typed(NASTY["markup"]), INCIDENT))))
    assert NASTY["markup"] in said


def test_a_long_word_stays_on_the_page() -> None:
    """It breaks: on one line it would run off the side of one page, and be cut there."""
    file = drawn(a_drawn_pack(Words(Typed("w" * 10_000), INCIDENT), a_table(2, what=Typed("x" * 3_000))))
    assert len(file.pages) > 2


def test_a_drawing_that_does_more_than_draw_is_refused() -> None:
    with pytest.raises(NotADrawing):
        pdf(a_drawn_pack(a_chart(svg='<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///x.png"/></svg>')))
