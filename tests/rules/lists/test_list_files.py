"""Loading a list file: whole, or refused with every mistake named and what to write instead."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import Entry, ListMistakes, current, entry_from_data, load, load_folder
from saferpractice.lists.rules.files import list_from_data

pytestmark = pytest.mark.requirement("R6", "R12")

DUTY: dict[str, Any] = {
    "code": "tell-cqc",
    "label": "Tell CQC",
    "detail": {
        "kind": "notification",
        "body": "CQC",
        "trigger": "Somebody died.",
        "paragraph": "Regulation 16, 2009",
        "clocks": [
            {"kind": "law", "words": "without delay", "timescale": None},
            {"kind": "local", "words": "24 hours", "timescale": {"kind": "clock_hours", "amount": 24}},
        ],
        "applies_to": {"health_service_body": False, "secure_unit": "any", "nhs_funded": "any"},
    },
    "source": {"title": "Regulations 2009", "url": "https://www.legislation.gov.uk/uksi/2009/3112"},
    "checked_on": date(2026, 11, 23),
    "valid_from": date(2010, 4, 1),
}
HEADER = {"list": "duties", "title": "Duties", "version": 1, "editable_by_provider": True}


def duties(**changes: Any) -> dict[str, Any]:
    """A good list of one duty with ``changes`` to the header or entries."""
    return copy.deepcopy({**HEADER, "entries": [DUTY], **changes})


def duty(path: str, value: object) -> dict[str, Any]:
    """A good list whose duty holds ``value`` at ``path`` ("detail.clocks.0.kind"); ``...`` takes it out."""
    data = duties()
    *way, last = path.split(".")
    place: Any = data["entries"][0]
    for part in way:
        place = place[int(part) if part.isdigit() else part]
    key = int(last) if last.isdigit() else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return data


def mistakes(data: object) -> list[str]:
    with pytest.raises(ListMistakes) as caught:
        list_from_data(data, name="duties.yml")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_good_list_is_read_in_order() -> None:
    second = {**DUTY, "code": "tell-police"}
    found = list_from_data(duties(entries=[DUTY, second]), name="duties.yml")
    assert found.list_code == "duties"
    assert [entry.code for entry in found.entries] == ["tell-cqc", "tell-police"]
    assert found.entries[0].detail["clocks"][0]["timescale"] is None


def test_a_list_in_which_everything_is_wrong_is_not_called_empty() -> None:
    wrong = duty("detail.clocks", [{"kind": "law", "words": 1, "timescale": None}])
    [mistake] = mistakes(wrong)
    assert "words" in mistake
    assert "is empty" not in mistake


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("code", ..., '"code": is missing. Write a short code in small letters, digits and hyphens'),
        ("code", "Tell CQC", "is 'Tell CQC'. Write a short code in small letters"),
        ("code", True, "is True. Write text; put it in quotes if it is one word such as no"),
        ("label", "  ", '"label": is empty. Write the words people read, plainly'),
        ("label", None, '"label": is empty. Write the words people read, plainly'),
        ("label", "x" * 301, "is 301 characters long. Write 300 at most"),
        ("labell", "x", '"labell": is not a word that stands here. Did you mean "label"?'),
        ("zzz", "x", "Take it out; this place holds code, label, hint"),
        ("source", ..., '"source": is missing. Write the source: a title'),
        ("source", "the brief", "Write the parts it holds on lines of their own: the source: a title"),
        ("source.title", ..., '"source.title": is missing. Write the title of the document'),
        ("source.url", "legislation.gov.uk", "Write the address of the page, beginning with https://"),
        ("source.url", "javascript:alert(1)", "Write the address of the page, beginning with https://"),
        ("checked_on", "yesterday", "is 'yesterday'. Write a day like 2026-11-23"),
        ("checked_on", ..., '"checked_on": is missing. Write the day somebody last checked this'),
        ("valid_from", 2015, "is 2015. Write a day like 2026-11-23"),
        ("valid_from", date(1066, 10, 14), '"valid_from" is 1066-10-14. Write a day between 1983-01-01'),
        ("valid_to", date(2009, 1, 1), '"valid_to" is 2009-01-01, before "valid_from"'),
        ("knowledge", "guess", "is 'guess'. Write checked or common"),
        ("detail", ["a"], "Write the parts it holds on lines of their own"),
        ("detail.kind", "letter", "\"detail.kind\": is 'letter'. Write notification or partner"),
        ("detail.paragraph", ..., '"detail.paragraph": is missing. Write the paragraph relied on, with the year'),
        ("detail.clocks", [], '"detail.clocks": is empty. Write at least one clock'),
        ("detail.clocks", "soon", "is 'soon'. Write a list: one line each"),
        ("detail.clocks.0.kind", "statute", "\"detail.clocks.1.kind\": is 'statute'. Write law, contract or local"),
        ("detail.clocks.0.timescale", ..., '"detail.clocks.1.timescale": is missing. Write kind and amount, or null'),
        ("detail.clocks.1.timescale.kind", "fortnights", "is 'fortnights'. Write same_day, clock_hours, working_hours"),
        ("detail.clocks.1.timescale.amount", ..., 'needs "amount", a whole number; only same_day stands without one'),
        ("detail.clocks.1.timescale.amount", "24", "is '24'. Write a whole number, without quotes"),
        ("detail.clocks.1.timescale.amount", 0, "is 0. Write a number that is at least 1"),
        ("detail.clocks.1.timescale.amount", 99999, "is 99999. Write a number that is at most 3650"),
        ("detail.applies_to.secure_unit", "maybe", "is 'maybe'. Write true, false or any"),
        ("detail.applies_to.secure_unit", 1, "is 1. Write true, false or any"),
        ("detail.applies_to.secure", True, 'Did you mean "secure_unit"?'),
    ],
)
def test_each_mistake_says_where_it_is_and_what_to_write(path: str, value: object, sentence: str) -> None:
    found = mistakes(duty(path, value))
    assert len(found) == 1
    assert sentence in found[0]
    assert found[0].startswith("duties.yml, ")


def test_clocks_stand_in_order_of_their_standing() -> None:
    [found] = mistakes(duty("detail.clocks", list(reversed(DUTY["detail"]["clocks"]))))
    assert "Write law first, then contract, then local" in found


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("text", "Begin the file with list, title, version, editable_by_provider and entries"),
        (duties(version="1"), "\"version\": is '1'. Write a whole number, without quotes"),
        (duties(version=0), '"version": is 0. Write a number that is at least 1'),
        (duties(editable_by_provider="yes"), "is 'yes'. Write true or false"),
        (duties(entries=[]), '"entries": Write at least one entry'),
        (duties(entries={"a": 1}), '"entries": Write at least one entry'),
        (duties(entries=["tell-cqc"]), "entry 1: Write the entry as lines of code, label, source"),
        (duties(colour="red"), '"colour": is not a word that stands here'),
        (duties(entries=[{**DUTY, date(2026, 1, 1): "x"}]), "Use words as names"),
    ],
)
def test_mistakes_in_the_frame_of_a_file_are_named(data: object, sentence: str) -> None:
    [found] = mistakes(data)
    assert sentence in found


def test_every_mistake_is_reported_at_once_with_its_entry() -> None:
    first, second = duty("label", "")["entries"][0], duty("checked_on", "soon")["entries"][0]
    found = mistakes(duties(title="", entries=[first, {**second, "code": "second"}, 7]))
    assert [text.split(": ")[0] for text in found] == [
        "duties.yml, header",
        "duties.yml, tell-cqc",
        "duties.yml, second",
        "duties.yml, entry 3",
    ]


def test_a_code_stands_once_for_any_day() -> None:
    [found] = mistakes(duties(entries=[DUTY, {**DUTY, "valid_from": date(2020, 1, 1)}]))
    assert "tell-cqc: This code stands twice on 2020-01-01" in found
    assert 'end the earlier with "valid_to" before 2020-01-01' in found


def test_a_superseded_entry_stands_beside_the_one_that_replaced_it() -> None:
    earlier = {**DUTY, "valid_to": date(2019, 12, 31)}
    later = {**DUTY, "label": "Tell CQC online", "valid_from": date(2020, 1, 1)}
    found = list_from_data(duties(entries=[later, earlier]), name="duties.yml")
    assert [entry.label for entry in current(found.entries, date(2019, 12, 31))] == ["Tell CQC"]
    assert [entry.label for entry in current(found.entries, date(2020, 1, 1))] == ["Tell CQC online"]
    assert current(found.entries, date(2010, 3, 31)) == ()
    last = found.entry("tell-cqc", date(2026, 1, 1))
    assert last is not None
    assert last.label == "Tell CQC online"
    assert found.entry("other", date(2026, 1, 1)) is None


days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@given(start=days, end=st.none() | days, on=days)
def test_an_entry_holds_from_its_first_day_to_its_last(start: date, end: date | None, on: date) -> None:
    if end is not None and end < start:
        start, end = end, start
    entry = entry_from_data("themes", {**DUTY, "detail": {}, "valid_from": start, "valid_to": end})
    assert entry.holds(on) == (start <= on and (end is None or on <= end))


def test_an_entry_a_provider_typed_is_checked_like_one_in_a_file() -> None:
    with pytest.raises(ListMistakes, match=r'duties, new entry: "code": is missing'):
        entry_from_data("duties", {key: value for key, value in DUTY.items() if key != "code"})
    assert isinstance(entry_from_data("duties", DUTY), Entry)


def test_an_entry_cannot_be_changed_after_reading() -> None:
    entry = entry_from_data("duties", DUTY)
    with pytest.raises(ValueError, match="frozen"):
        entry.label = "Another"  # type: ignore[misc]


class TestFiles:
    """Files on disk."""

    GOOD = (
        "list: themes\ntitle: Themes\nversion: 1\neditable_by_provider: true\nentries:\n"
        "  - {code: a, label: A, source: {title: the brief}, checked_on: 2026-11-23, valid_from: 2000-01-01}\n"
    )

    def write(self, folder: Path, text: str, name: str = "themes.yml") -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def refused(self, path: Path) -> str:
        with pytest.raises(ListMistakes) as caught:
            load(path)
        return str(caught.value)

    def test_a_good_file_loads(self, tmp_path: Path) -> None:
        assert load(self.write(tmp_path, self.GOOD)).entries[0].label == "A"

    def test_a_key_written_twice_is_refused_where_yaml_would_keep_the_last(self, tmp_path: Path) -> None:
        text = self.GOOD.replace("title: Themes", "title: Themes\ntitle: Others")
        assert '"title" is written twice: keep one' in self.refused(self.write(tmp_path, text))

    @pytest.mark.parametrize("text", ["list: [", "a: b: c", "\t- x", "!!python/object:os.system x", "&a [*a"])
    def test_what_is_not_yaml_is_refused_with_the_place(self, tmp_path: Path, text: str) -> None:
        assert self.refused(self.write(tmp_path, text)).startswith("themes.yml, file: cannot be read as YAML.")

    def test_bytes_that_are_not_text_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "themes.yml"
        path.write_bytes(b"list: \xff\xfe")
        assert "cannot be read as YAML" in self.refused(path)

    def test_an_anchor_that_holds_itself_is_refused(self, tmp_path: Path) -> None:
        text = self.GOOD.replace("source: {title: the brief}", "source: &s {title: *s}")
        assert "no anchor that holds itself" in self.refused(self.write(tmp_path, text))

    def test_the_file_is_named_after_its_list(self, tmp_path: Path) -> None:
        assert '"list": Write topics, the name of the file' in self.refused(
            self.write(tmp_path, self.GOOD, "topics.yml")
        )

    def test_a_folder_reports_the_mistakes_of_every_file(self, tmp_path: Path) -> None:
        self.write(tmp_path, self.GOOD)
        self.write(tmp_path, "list: one\n", "one.yml")
        self.write(tmp_path, "list: two\n", "two.yml")
        with pytest.raises(ListMistakes) as caught:
            load_folder(tmp_path)
        assert {mistake.file for mistake in caught.value.mistakes} == {"one.yml", "two.yml"}

    def test_a_code_that_another_list_does_not_hold_is_named(self, tmp_path: Path) -> None:
        frame = "title: T\nversion: 1\neditable_by_provider: true\nentries:\n"
        dated = "source: {{title: b}}, checked_on: 2026-11-23, valid_from: 2000-01-01"
        row = "  - {{code: {code}, label: A, detail: {detail}, " + dated + "}}\n"
        hierarchy = row.format(code="training", detail="{strength: weaker, published_term: Training}")
        change = row.format(
            code="policy", detail="{hierarchy: trainign, when_cannot_be_passed: null, brief: true, example: x}"
        )
        self.write(tmp_path, "list: action-hierarchy\n" + frame + hierarchy, "action-hierarchy.yml")
        self.write(tmp_path, "list: change-types\n" + frame + change, "change-types.yml")
        with pytest.raises(ListMistakes) as caught:
            load_folder(tmp_path)
        assert [str(mistake) for mistake in caught.value.mistakes] == [
            "change-types.yml, policy: \"detail.hierarchy\": is 'trainign'. "
            "Write a code that stands in action-hierarchy.yml."
        ]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers() | st.dates(), inner, max_size=3)
    ),
    max_leaves=6,
)
places = st.sampled_from(
    [
        "code",
        "label",
        "hint",
        "detail",
        "source",
        "checked_on",
        "valid_from",
        "valid_to",
        "knowledge",
        "source.title",
        "detail.kind",
        "detail.clocks",
        "detail.clocks.0",
        "detail.clocks.1.timescale",
        "detail.applies_to",
        "detail.likely_when",
        "detail.applies_to.nhs_funded",
        "anything",
    ]
)


@given(place=places, value=junk)
def test_whatever_is_written_the_list_is_read_or_refused_with_sentences(place: str, value: object) -> None:
    try:
        found = list_from_data(duty(place, value), name="duties.yml")
    except ListMistakes as refused:
        assert all(mistake.sentence.endswith((".", "?")) for mistake in refused.mistakes)
    else:
        assert len(found.entries) == 1


@given(junk)
def test_whatever_a_file_holds_it_is_refused_with_sentences(value: object) -> None:
    with pytest.raises(ListMistakes):
        list_from_data(value, name="duties.yml")
