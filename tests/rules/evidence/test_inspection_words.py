"""What an inspector reads: no part of a known name is left, and the counts and dates that words are made of (R34)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.access.rules import Role
from saferpractice.design.typed import as_written
from saferpractice.evidence.rules.identifiers import identifiers_in, removed
from saferpractice.evidence.rules.inspections import (
    HARM_LEVELS,
    LEAST_SEED,
    LONGEST_DAYS,
    LONGEST_PERIOD_DAYS,
    Known,
    Roles,
    Standing,
    harm_level,
    in_words,
    mask,
    problems_of_disclosure,
    problems_of_draw,
    problems_of_opening,
    standing_of,
)

pytestmark = pytest.mark.requirement("R34")
AT = datetime(2026, 3, 7, 10, 0, tzinfo=UTC)
NAMES = (
    "Siân O'Brien-Smith", "Maud Sedge", "Jean-Luc de la Tour", "Y Li", "A B", "Ó Briain", "Will Hope",
    "Anne-Marie Ashgrove", "Łukasz Wójcik", "Mr Thorne", "Al-Said",
)  # fmt: skip
REFERENCES = ("P-1042", "RIO 77/3", "Q9")
KNOWN = Known.of(NAMES, REFERENCES)
PIECES = sorted({piece for name in NAMES for piece in re.split(r"[ \-']", name)} | {"M", "S", "O"})
BETWEEN = (" ", "  ", "-", "'", ".", ". ", ", ", "/", "_", "", "\u00a0", "\u200b", "\u2011", " \u200d", "\n")


class TestLooking:
    """Names are looked for first by their letters, so that a text is not read for thousands. Nothing is lost by it."""

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([*NAMES, *REFERENCES, *PIECES, "rang", "her", "the", "1042", "77", "Mrs"]),
                st.sampled_from(BETWEEN),
                st.sampled_from([str, str.upper, str.lower, str.title, lambda text: text.replace("", "\u200b")]),
            ),
            max_size=6,
        )
    )
    def test_by_their_letters_finds_what_reading_for_every_name_finds(self, words: list[tuple[Any, ...]]) -> None:
        text = "".join(case(word) + between for word, between, case in words)
        everybody = {*NAMES, *REFERENCES}
        assert str(mask(text, KNOWN)) == removed(text, identifiers_in(text, everybody))

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("Smith rang her.", "[name removed] rang her."),
            ("BRIEN rang her.", "[name removed] rang her."),
            ("Marie rang her.", "[name removed] rang her."),
            ("Luc, then Jean.", "[name removed], then [name removed]."),
            ("Lukasz and WOJCIK.", "[name removed] and [name removed]."),
            ("Said it was late.", "[name removed] it was late."),
            ("A.B. rang.", "[name removed]. rang."),
            ("A B A B", "[name removed]"),
            ("She will do so, I hope.", "She will do so, I hope."),
            ("Will rang.", "[name removed] rang."),
            ("Q9, p1042 and rio77/3", "[reference removed], [reference removed] and [reference removed]"),
            ("Q90 and P-10421", "Q90 and P-10421"),
        ],
    )
    def test_part_of_a_double_name_is_a_name(self, text: str, left: str) -> None:
        assert str(mask(text, KNOWN)) == left

    @given(st.text(max_size=80))
    def test_masked_words_are_masked_once(self, text: str) -> None:
        once = mask(text, KNOWN)
        assert mask(str(once), KNOWN) == once
        assert bool(once) is bool(text)

    @given(st.text(alphabet="aM é\n\u200b💙", max_size=120), st.integers(min_value=2, max_value=40))
    def test_a_beginning_is_no_longer_than_asked_and_on_one_line(self, text: str, longest: int) -> None:
        whole = " ".join(str(mask(text, KNOWN)).split())
        short = str(mask(text, KNOWN).short(longest))
        if len(whole) <= longest:
            assert short.split() == whole.split(), "what fits stays as it is"
        else:
            assert len(short) <= longest
            assert short.endswith("…")
            assert whole.startswith(short[:-1])
            assert "\n" not in short

    def test_ten_thousand_characters_are_read_to_the_last(self) -> None:
        text = "walked and walked. " * 530 + "Ashgrove"
        assert len(text) > 10_000
        assert str(mask(text, KNOWN)).endswith("walked. [name removed]")

    def test_of_nobody_known_only_what_looks_like_somebody_goes(self) -> None:
        nobody = Known.of([""], ["", "-/-"])
        assert nobody.references == ()
        assert str(mask("Ashgrove rang Mrs Abernathy, 943 476 5919.", nobody)) == (
            "Ashgrove rang [name removed], [NHS number removed]."
        )
        assert str(mask("", nobody)) == ""


SIGNED = [*[role.label for role in Role], "Dale Marlow", "", " ", "lead", "Reviewer of P-1042"]


@given(st.lists(st.sampled_from(SIGNED)))
def test_a_signature_keeps_its_roles_in_their_order_and_nothing_else(parts: list[str]) -> None:
    labels = {role.label for role in Role}
    kept = [part for part in parts if part in labels]
    shown = Roles(",".join(parts))
    assert str(shown) == (", ".join(kept) or "No role on record")
    assert (shown == Roles(", ".join(kept))) and hash(shown) == hash(Roles(", ".join(kept)))
    assert shown != str(shown)


def test_harm_is_the_worse_whichever_of_the_two_it_is() -> None:
    pairs = list(product(range(5), repeat=2))
    assert [harm_level(HARM_LEVELS[one], HARM_LEVELS[two]) for one, two in pairs] == [max(pair) for pair in pairs]
    assert {harm_level(level, "no-such-code") for level in HARM_LEVELS} == set(range(5))
    assert harm_level("", "") == harm_level("FATAL", "Severe") == 0


MOMENTS = st.integers(-(10**8), 10**8).map(lambda seconds: AT + timedelta(seconds=seconds))


@given(due=MOMENTS, done=st.none() | MOMENTS, at=MOMENTS)
def test_something_owed_stands_in_one_way_that_time_only_makes_worse(
    due: datetime, done: datetime | None, at: datetime
) -> None:
    standing = standing_of(due, done, at)
    assert (standing in {Standing.IN_TIME, Standing.LATE}) is (done is not None)
    assert (standing in {Standing.LATE, Standing.OVERDUE}) is ((done or at) > due)
    if done is not None:
        assert standing_of(due, done, at + timedelta(days=400)) is standing, "what is done does not change"
    elif standing is Standing.OVERDUE:
        assert standing_of(due, None, at + timedelta(seconds=1)) is Standing.OVERDUE


@given(st.lists(st.sampled_from(list(Standing)), max_size=30))
def test_the_sentence_accounts_for_each_once(found: list[Standing]) -> None:
    said = in_words(Counter(found))
    assert sum(int(part.split()[0]) for part in said.split(", ")) == len(found)
    assert [part.split(" ", 1)[1] for part in said.split(", ")] == ["in time", "done late", "under way", "overdue"]


DAYS = st.dates(date(2019, 1, 1), date(2027, 1, 1))


@given(period_from=DAYS, period_to=DAYS, hours=st.integers(-48, 24 * 100), services=st.integers(0, 3))
def test_an_inspection_is_refused_for_exactly_what_is_wrong(
    period_from: date, period_to: date, hours: int, services: int
) -> None:
    """Each field is named when it is wrong, only then, and the sentence says what to do."""
    found = problems_of_opening(
        period_from=period_from, period_to=period_to, ends_at=AT + timedelta(hours=hours), at=AT, today=AT.date(),
        services=services,
    )  # fmt: skip
    backwards, ahead = period_to < period_from, period_to > AT.date()
    long = (period_to - period_from).days > LONGEST_PERIOD_DAYS
    assert ("services" in found) is (services == 0)
    assert ("period_to" in found) is (backwards or ahead)
    assert ("period_from" in found) is (long and not ahead)
    assert ("ends_at" in found) is (hours <= 0 or hours >= LONGEST_DAYS * 24)
    assert set(found) <= {"services", "period_to", "period_from", "ends_at"}
    assert all(sentence.split()[0] in {"Choose", "Enter"} for sentence in found.values())


@given(st.text(max_size=12))
def test_a_seed_is_used_from_six_characters_on(seed: str) -> None:
    assert bool(problems_of_draw(seed)) is (len(seed) < LEAST_SEED)


@given(st.sampled_from(["", "by-agreement"]), st.text(max_size=8), st.booleans())
def test_identity_is_never_shown_without_power_or_reason(power: str, because: str, allows: object) -> None:
    found = problems_of_disclosure(power, because, allows=bool(allows))
    assert (found == {}) is bool(power and allows and as_written(because))
    assume(not power)
    assert found["identity_power"] == "Choose the power that allows it."
