"""What could tell a reader who somebody is, looked for by people who hide it without meaning to."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.evidence.rules.identifiers import (
    Identifier,
    IdentifierKind,
    identifiers_in,
    is_nhs_number,
    removed,
)

pytestmark = pytest.mark.requirement("R33")
Kind = IdentifierKind

KNOWN = (
    "Maud O'Brien-Smith",
    "José Muñoz",
    "Hasan Ng",
    "Will May",
    "John Hope",
    "Wren Ashdown",
    "Łucja Søren",
    "Dr Piet van der Linden",
    "SP-2026-0014",
)


def without(text: str) -> str:
    return removed(text, identifiers_in(text, KNOWN))


def kinds(text: str) -> list[Kind]:
    return [one.kind for one in identifiers_in(text, KNOWN)]


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Wren Ashdown was late.", "[name removed] was late."),
        ("wren ashdown was late.", "[name removed] was late."),
        ("WREN ASHDOWN was late.", "[name removed] was late."),
        ("Wren  Ashdown\nwas late.", "[name removed]\nwas late."),
        ("Wren\n Ashdown was late.", "[name removed] was late."),
        ("Ashdown, Wren was late.", "[name removed] was late."),
        ("WrenAshdown was late.", "[name removed] was late."),
        ("wrenashdown was late.", "[name removed] was late."),
        ("We saw Ashdown.", "We saw [name removed]."),
        ("We saw Wren.", "We saw [name removed]."),
        ("W. Ashdown and W Ashdown", "[name removed] and [name removed]"),
        ("W.Ashdown", "[name removed]"),
        ("Ashdown W. left", "[name removed]. left"),
        ("W.A. left", "[name removed]. left"),
        ("Ashdown's and Ashdown’s bed", "[name removed]'s and [name removed]’s bed"),
        ("the Ashdowns", "the [name removed]"),
        ("W\u200bren Ash\u00addown", "[name removed]"),
        ("Wren\u00a0Ashdown", "[name removed]"),
        ("Ｗｒｅｎ Ashdown", "[name removed]"),
        ("Wrеn Аshdоwn", "[name removed]"),  # with three Cyrillic letters
        ("_Ashdown_ Ashdown2", "_[name removed]_ [name removed]2"),
        ("jose munoz", "[name removed]"),
        ("JOSE\u0301 MUN\u0303OZ!", "[name removed]!"),
        ("Lucja Soren", "[name removed]"),
        ("MAUD O’BRIEN‑SMITH", "[name removed]"),
        ("obrien smith", "[name removed]"),
        ("O Brien said, Maud Smith said", "[name removed] said, [name removed] said"),
        ("OBrien-Smith", "[name removed]"),
        ("M. O'Brien", "[name removed]"),
        ("Linden wrote", "[name removed] wrote"),
        ("Piet v.d. Linden", "[name removed]"),
        ("hasan and Hasan Ng", "[name removed] and [name removed]"),
        ("it was Will", "it was [name removed]"),
        ("john hope", "[name removed]"),
        ("will may", "[name removed]"),
    ],
)
def test_a_name_on_the_records_is_found_however_it_is_written(written: str, left: str) -> None:
    assert without(written) == left


@pytest.mark.parametrize(
    "written",
    [
        "We will hope that the ward may change.",
        "It has an effect, and has-an is not one either.",
        "The smithy, the wrens' nest, and a shashdown.",
        "van der and of the",
        "We have a J and an H, as in J. Then H.",
        "Staff missed the call; the miss was ours, dr on call.",
        "111, 999 and 116 123 are always answered; 0800 1111 is for children.",
        "Reviewed on 3 March 2026 and 2026-03-04, 10 of 12 records; 3,400 of 10,000.",
        "10 am, 5 ml, E coli, B12, a 3 minutes walk, 24 hours a day",
        "NHS England, nhs trusts and the Care Act 2014, section 42(2)",
        "Nurse Practitioner, Sister in Charge, Dr and Prof.",
        "and/or e.g. i.e. the rate was 0.5",
    ],
)
def test_ordinary_words_and_numbers_are_left_alone(written: str) -> None:
    assert identifiers_in(written, KNOWN) == ()


@pytest.mark.parametrize(
    ("written", "left", "kind"),
    [
        ("Mr Pike came.", "[name removed] came.", Kind.TITLED_NAME),
        ("mr pike came.", "[name removed] came.", Kind.TITLED_NAME),
        ("MR PIKE'S bed", "[name removed]'S bed", Kind.TITLED_NAME),
        ("Mr. J. Pike-Lamb came.", "[name removed] came.", Kind.TITLED_NAME),
        ("Mr.Pike came.", "[name removed] came.", Kind.TITLED_NAME),
        ("Dr  de Souza Lima said", "[name removed] said", Kind.TITLED_NAME),
        ("Miss Jonas and others", "[name removed] and others", Kind.TITLED_NAME),
        ("Sister Mary Kelly. The ward", "[name removed]. The ward", Kind.TITLED_NAME),
        ("PC Oduya attended", "[name removed] attended", Kind.TITLED_NAME),
        ("NHS number 943 476 5919.", "NHS number [NHS number removed].", Kind.NHS_NUMBER),
        ("943-476-5919", "[NHS number removed]", Kind.NHS_NUMBER),
        ("9434765919", "[NHS number removed]", Kind.NHS_NUMBER),
        ("943\u2011476\u20115919", "[NHS number removed]", Kind.NHS_NUMBER),
        ("943\u200b476\u200b5919", "[NHS number removed]", Kind.NHS_NUMBER),
        ("94 34 76 59 19", "[NHS number removed]", Kind.NHS_NUMBER),
        ("room 12 943 476 5919", "room 12 [NHS number removed]", Kind.NHS_NUMBER),
        ("NHS no: 943 476 5918", "NHS no: [NHS number removed]", Kind.NHS_NUMBER),  # mistyped, and still somebody's
        ("QQ 12 34 56 C, AB123456C", "QQ 12 34 56 C, [National Insurance number removed]", Kind.NATIONAL_INSURANCE),
        ("call 0115 496 0123 now", "call [phone number removed] now", Kind.PHONE),
        ("(0115) 4960123", "[phone number removed]", Kind.PHONE),
        ("+44 (0)7700 900123", "[phone number removed]", Kind.PHONE),
        ("07700-900-123.", "[phone number removed].", Kind.PHONE),
        ("+1 202 555 0175", "[phone number removed]", Kind.PHONE),
        ("Tel. 496 0123", "Tel. [phone number removed]", Kind.PHONE),
        ("NG7 2AB", "[postcode removed]", Kind.POSTCODE),
        ("ng72ab", "[postcode removed]", Kind.POSTCODE),
        ("EC1A  1BB.", "[postcode removed].", Kind.POSTCODE),
        ("a.b-c@mail.invented.example.", "[e-mail removed].", Kind.EMAIL),
        ("A.B @ invented.example", "[e-mail removed]", Kind.EMAIL),
        ("a.b (at) invented.example", "[e-mail removed]", Kind.EMAIL),
        ("see https://a.example/b?c=d.", "see [web address removed].", Kind.WEB),
        ("see www.a.example", "see [web address removed]", Kind.WEB),
        ("see elmhouse.co.uk/staff, please", "see [web address removed], please", Kind.WEB),
        ("DOB 3/4/58", "DOB [date of birth removed]", Kind.BIRTH),
        ("D.O.B.: 03.04.1958", "D.O.B.: [date of birth removed]", Kind.BIRTH),
        ("born in March 1958", "born in [date of birth removed]", Kind.BIRTH),
        ("Born: 2015-03-04", "Born: [date of birth removed]", Kind.BIRTH),
        ("12th of March 1961", "[date of birth removed]", Kind.BIRTH),
        ("March 12, 1961", "[date of birth removed]", Kind.BIRTH),
        ("1961-03-12", "[date of birth removed]", Kind.BIRTH),
        ("lives at 12 Elm Tree Road now", "lives at [address removed] now", Kind.ADDRESS),
        ("12b, Elm St", "[address removed]", Kind.ADDRESS),
        ("sp 2026 0014 and SP20260014", "[reference removed] and [reference removed]", Kind.REFERENCE),
    ],
)
def test_what_looks_like_an_identifier_is_found_without_knowing_it(written: str, left: str, kind: Kind) -> None:
    assert without(written) == left
    assert set(kinds(written)) == {kind}


def test_where_it_stands_and_what_was_written_are_said() -> None:
    text = "Then  O\u2019Brien\u2011Smith\u2019s son rang."
    assert identifiers_in(text, KNOWN) == (Identifier(Kind.KNOWN_NAME, 6, 19, "O\u2019Brien\u2011Smith"),)


def test_nobody_known_means_that_only_patterns_are_found() -> None:
    assert [one.text for one in identifiers_in("Wren met Mr Pike at NG7 2AB")] == ["Mr Pike", "NG7 2AB"]


def test_a_title_and_a_known_name_are_one() -> None:
    assert without("Dr Ashdown-Pike said") == "[name removed] said"


def test_a_mask_is_no_identifier_even_to_somebody_called_name() -> None:
    assert identifiers_in("[name removed] rang [phone number removed]", ["Name Phone", "Number Birth"]) == ()


@pytest.mark.parametrize(
    "identifier",
    [
        Identifier(Kind.PHONE, 0, 3, "abd"),
        Identifier(Kind.PHONE, 0, 0, ""),
        Identifier(Kind.PHONE, 90, 93, "abc"),
    ],
)
def test_what_is_not_of_the_text_cannot_be_removed_from_it(identifier: Identifier) -> None:
    with pytest.raises(ValueError, match="not of this text"):
        removed("abcabc", [identifier])


def test_nothing_is_removed_twice() -> None:
    twice = [Identifier(Kind.PHONE, 0, 3, "abc"), Identifier(Kind.PHONE, 2, 4, "ca")]
    with pytest.raises(ValueError, match="not of this text"):
        removed("abcabc", twice)


@pytest.mark.parametrize(
    ("written", "is_one"),
    [("943 476 5919", True), ("943 476 5918", False), ("943476591", False), ("94347659190", False),
     ("4010232137", True), ("1234567890", False), ("0000000001", False)],
)  # fmt: skip
def test_the_check_digit_of_an_nhs_number(written: str, is_one: bool) -> None:
    assert is_nhs_number(written) is is_one


# Properties

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
NAMES = st.tuples(LETTERS, LETTERS).map(lambda two: " ".join(one.capitalize() for one in two))
AROUND = st.text(" .,;:()[]\n!?–-'#%&*“”…•0", max_size=12)
NOISE = st.text(
    st.one_of(
        st.sampled_from(list("Mr.J Smith'’-–@/:()[]+0129470 \n\u200b\u00ad\u0301")),
        st.characters(codec="utf-8", max_codepoint=0x24FF),
    ),
    max_size=120,
)


@st.composite
def _disguised(draw: st.DrawFn, name: str) -> str:
    """The name as a hurried person, or a word processor, may leave it."""
    written = []
    for letter in name:
        if letter == " ":
            written.append(draw(st.sampled_from([" ", "  ", "\n", "\u00a0", "-", " \u200b"])))
            continue
        either = draw(st.sampled_from([letter, letter.upper()]))
        unseen = draw(st.sampled_from(["", "", "", "\u0301", "\u200b", "\u00ad"]))
        written.append(unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), either + unseen))
    return "".join(written)


@given(NAMES.flatmap(lambda name: st.tuples(st.just(name), _disguised(name))), AROUND, AROUND)
def test_no_letter_of_a_disguised_name_is_left(named: tuple[str, str], before: str, after: str) -> None:
    name, written = named
    text = f"{before} {written} {after}"
    assert removed(text, identifiers_in(text, [name])) == f"{before} [name removed] {after}"


@given(st.integers(300_000_000, 999_999_999), st.lists(st.sampled_from(["", " ", "-", "- "]), min_size=9, max_size=9))
def test_every_true_nhs_number_is_found_and_no_other_check_digit(nine: int, gaps: list[str]) -> None:
    digits = f"{nine:09d}"
    check = 11 - sum(weight * int(one) for weight, one in zip(range(10, 1, -1), digits, strict=True)) % 11
    assume(check != 10)
    written = "".join(one + gap for one, gap in zip(digits, gaps, strict=True)) + str(check % 11)
    (found,) = identifiers_in(f"seen {written} today")
    assert (found.kind, found.text) == (Kind.NHS_NUMBER, written)
    wrong = written[:-1] + str((check % 11 + 1) % 10)
    assert identifiers_in(f"seen {wrong} today") == ()


@given(NOISE, st.lists(st.one_of(NAMES, NOISE.map(str.strip)), max_size=3))
def test_what_is_found_is_in_the_text_in_order_and_apart(text: str, known: list[str]) -> None:
    found = identifiers_in(text, known)
    assert all(one.text == text[one.start : one.end] and one.text for one in found)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))


@given(NOISE, st.lists(NAMES, max_size=3))
def test_after_removing_nothing_is_left_to_find(text: str, known: list[str]) -> None:
    clean = removed(text, identifiers_in(text, known))
    assert identifiers_in(clean, known) == ()


@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NAMES, max_size=4), NOISE)
def test_knowing_more_people_never_finds_less(known: list[str], more: list[str], text: str) -> None:
    text = f"{text} {known[0]} {text}"
    covered = {place for one in identifiers_in(text, known) for place in range(one.start, one.end)}
    assert covered <= {place for one in identifiers_in(text, [*known, *more]) for place in range(one.start, one.end)}
