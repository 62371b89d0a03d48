"""The page of a pack: one file, no script, everything escaped, tables and headings as they should be."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from saferpractice.design.drawn import NotADrawing
from saferpractice.evidence.rendering import html
from saferpractice.evidence.rendering.pages import style_hash
from saferpractice.evidence.rendering.places import DATA
from saferpractice.evidence.rules.packs.document import (
    Cleared,
    Disclosure,
    Note,
    Section,
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
    every_chart,
    some_facts,
)

pytestmark = pytest.mark.requirement("R32", "R34")


class Read(HTMLParser):
    """A page as its elements with their attributes, and its text."""

    VOID = frozenset({"meta", "br", "rect", "line", "circle", "path", "polyline", "polygon"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.unbalanced: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def test_it_is_one_whole_file() -> None:
    page = html(a_drawn_pack())
    read = Read(page)
    assert page.startswith("<!DOCTYPE html>\n")
    assert read.unbalanced == []
    assert read.all("html") == [{"lang": "en-GB"}]
    assert "<title>Evidence pack: Incident 2026-0014</title>" in page
    assert {tag for tag, _ in read.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "image", "form"})
    where = [value for _, attributes in read.elements for name, value in attributes.items() if name in {"href", "src"}]
    assert all(value is not None and value.startswith("#") for value in where)


def test_its_policy_lets_in_its_own_style_and_nothing_else() -> None:
    page = html(a_drawn_pack())
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = f"default-src 'none'; style-src '{style_hash(style)}'"
    metas = {meta.get("http-equiv"): meta.get("content") for meta in Read(page).all("meta")}
    assert metas["Content-Security-Policy"] == policy
    assert style == (DATA / "pack.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_links_lead_somewhere_and_ids_are_different() -> None:
    sections = tuple(Section(f"Part {n}", (Note("One"),), level=1 + n % 2) for n in range(6))
    read = Read(html(a_drawn_pack(sections=sections)))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [str(link["href"])[1:] for link in read.all("a")]
    assert links == ["main", *(f"part-{n}" for n in range(1, 7))]
    assert set(links) <= set(ids)


def test_a_short_pack_has_no_contents() -> None:
    assert Read(html(a_drawn_pack())).all("nav") == []


def test_headings_nest() -> None:
    sections = (
        Section("A", (Note("1"),), level=2),
        Section("B", (), level=2),
        Section("C", ()),
        Section("D", (), level=2),
    )
    found = re.findall(r"<h(\d)[^>]*>([^<]*)<", html(a_drawn_pack(sections=sections)))
    assert found == [("1", "Evidence pack"), ("2", "A"), ("3", "B"), ("2", "C"), ("3", "D")]


def test_cells_say_what_they_head() -> None:
    page = html(a_drawn_pack(a_table(3)))
    read = Read(page)
    assert [cell["scope"] for cell in read.all("th")] == ["col"] * 4 + ["row"] * 3
    assert len(read.all("td")) == 9
    assert "<caption>Contacts in the week after</caption>" in page
    assert [cell.get("class") for cell in read.all("td")] == [None, "number", None] * 3


def test_a_table_with_no_rows_says_so() -> None:
    read = Read(html(a_drawn_pack(a_table(0))))
    assert read.all("table") == []
    assert "Nobody was in contact." in read.text


def test_a_story_is_a_list_in_its_order() -> None:
    page = html(a_drawn_pack(a_story(3)))
    (story,) = re.findall(r'<ol class="story" role="list">(.*?)</ol>', page, re.DOTALL)
    items = [" ".join(Read(item).text.split()) for item in re.findall(r"<li>(.*?)</li>", story, re.DOTALL)]
    what = "Wren Ashdown, Reviewer Decided on Tier B, structured review"
    assert items == [
        f"2 November 2026, 9:30am, {what} Source: Review R-0",
        f"2 November 2026, 10:01am, {what} Why: The same had happened twice Source: Review R-1",
        f"2 November 2026, 10:32am, {what} Why: The same had happened twice Source: Review R-2",
    ]


def test_a_chart_is_told_and_has_its_numbers_beside_it() -> None:
    page = html(a_drawn_pack(*(a_chart(svg=svg) for svg in every_chart())))
    assert page.count('role="img"') == len(every_chart()) == page.count("</svg>")
    assert page.count("<desc>") == len(every_chart())
    assert len(Read(page).all("table")) == len(every_chart())


def test_sources_are_printed() -> None:
    text = Read(html(a_drawn_pack())).text
    for source in ("Incident 2026-0014", "Triage T-0", "Triage T-1", "Review R-0", "Review R-2"):
        assert source in text


def test_who_looked_through_confirmed_words() -> None:
    text = Read(html(a_drawn_pack(Words(Cleared("Call twice", "Quality lead", AT), INCIDENT)))).text
    assert "Looked through for names by Quality lead, 2 November 2026" in text


@pytest.mark.parametrize("level", list(Disclosure))
def test_whose_it_is_and_for_whom(level: Disclosure) -> None:
    text = Read(html(a_drawn_pack(Note("1"), disclosure=level, made_by=Who("Quality lead")))).text
    assert text.count(level.label) == 2
    assert text.count("Example provider") == 2
    assert "Made by Quality lead, 2 November 2026, 9:30am." in text


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "' onmouseover='alert(1)",
    "<!-- ]]> </svg><script>alert(1)</script>",
]


@pytest.mark.parametrize("typed", ATTACKS)
def test_what_people_typed_is_text(typed: str) -> None:
    pack = a_drawn_pack(
        some_facts(Typed(typed)),
        Words(Typed(typed), INCIDENT),
        a_table(2, what=Typed(typed)),
        a_chart(typed),
        a_story(),
        title=typed,
        about=typed,
        provider=typed,
        made_by=Who(typed, typed),
    )
    read, plain = Read(html(pack)), Read(html(a_drawn_pack(*pack.sections[0].blocks[2:4], a_story())))
    assert {tag for tag, _ in read.elements} <= {tag for tag, _ in plain.elements} | {"dl", "dt", "dd"}
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    assert read.text.count(typed) >= 8


def test_any_script_is_shown_and_nothing_turns_its_direction() -> None:
    typed = "\U0001f468‍\U0001f469 \u0645\u0631\u062d\u0628\u0627 \u0939\u093f\u0928\u094d\u0926\u0940 \u4e2d\u6587"
    page = html(a_drawn_pack(Words(Typed(f"{typed} a\u202eb\x00c\x1bd"), INCIDENT)))
    assert f"<p>{typed} abcd</p>" in page


def test_paragraphs_stay_paragraphs() -> None:
    assert "<p>One<br>two</p><p>three</p>" in html(a_drawn_pack(Words(Typed("One\r\ntwo\n\nthree"), INCIDENT)))


def test_the_same_twice() -> None:
    assert html(a_drawn_pack()) == html(a_drawn_pack())


def test_a_drawing_that_runs_something_is_refused() -> None:
    with pytest.raises(NotADrawing):
        html(a_drawn_pack(a_chart(svg='<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')))
