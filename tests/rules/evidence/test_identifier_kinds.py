"""Each kind of identifier in every form people write it, at its bounds, and ordinary notes in which there is none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.evidence.rules import known_names, ordinary
from saferpractice.evidence.rules.identifiers import (
    LAST_BIRTH_YEAR,
    MOST_NAMES_AFTER_TITLE,
    IdentifierKind,
    identifiers_in,
    is_nhs_number,
    removed,
)
from saferpractice.evidence.rules.plainly import Plain

pytestmark = pytest.mark.requirement("R33", "R34")
Kind = IdentifierKind
KNOWN = ("Maud O'Brien-Smith", "Wren Ashdown", "Łucja Søren", "Ada Quill Harker", "P-1042", "RIO 77/3")


def without(text: str, known: tuple[str, ...] = KNOWN) -> str:
    return removed(text, identifiers_in(text, known))


def kinds(text: str) -> set[Kind]:
    return {one.kind for one in identifiers_in(text, KNOWN)}


def gone(written: str, text: str = "seen {} today") -> bool:
    """Whether nothing of what was written is left in the sentence, and nothing else is gone."""
    before, after = text.split("{}")
    left = without(text.format(written))
    return re.fullmatch(rf"{re.escape(before)}\[[A-Za-z\- ]+ removed\]{re.escape(after)}", left) is not None


# NHS numbers


def checked(nine: str) -> str:
    """Nine digits with their check digit; "" where there is no such number."""
    check = 11 - sum((10 - place) * int(digit) for place, digit in enumerate(nine)) % 11
    return "" if check == 10 else nine + str(check % 11)


NHS_NUMBERS = st.integers(0, 10**9 - 1).map(lambda nine: checked(f"{nine:09d}")).filter(bool)


@given(NHS_NUMBERS, st.integers(0, 9), st.integers(1, 9))
def test_one_digit_mistyped_is_no_nhs_number(number: str, place: int, by: int) -> None:
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert is_nhs_number(number)
    assert not is_nhs_number(wrong)


@given(NHS_NUMBERS, st.integers(0, 8))
def test_two_digits_swapped_are_none_either(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assume(swapped != number)
    assert not is_nhs_number(swapped)


@given(st.integers(0, 10**9 - 1))
def test_of_ten_last_digits_at_most_one_fits(nine: int) -> None:
    fits = [digit for digit in range(10) if is_nhs_number(f"{nine:09d}{digit}")]
    assert fits == ([int(checked(f"{nine:09d}")[-1])] if checked(f"{nine:09d}") else [])


@pytest.mark.parametrize("label", ["NHS", "nhs no", "NHS No.", "NHS number:", "NHS num", "NHS nr", "NHS ID =", "nhs #"])
@pytest.mark.parametrize("digits", ["943 476 591", "943-476-5918", "943.476.5919", "94347659190"])
def test_behind_its_label_also_a_mistyped_number_is_somebodys(label: str, digits: str) -> None:
    assert without(f"({label} {digits}) seen") == f"({label} [NHS number removed]) seen"


@pytest.mark.parametrize(
    "written",
    [
        "12345678",
        "943476591",
        "9434765918",
        "94347659190",
        "9434 7659 18",
        "2026-03-0412",
        "1111111112",
        "a9434765919b1",
    ],
)
def test_other_runs_of_digits_are_none_without_a_label(written: str) -> None:
    assert Kind.NHS_NUMBER not in kinds(f"seen {written} today") or is_nhs_number(re.sub(r"\D", "", written)[:10])


# Telephones


@given(
    st.sampled_from(["0", "(0", "+44 ", "+44", "0044 ", "+44 (0)", "00 44 "]),
    st.text("123456789", min_size=1, max_size=1),
    st.text("0123456789", min_size=8, max_size=9),
    st.lists(st.sampled_from(["", "", " ", "-", ".", " - ", ") "]), min_size=9, max_size=9),
)
def test_every_british_number_is_taken_out_whole(start: str, first: str, rest: str, gaps: list[str]) -> None:
    written = start + first + "".join(gap + digit for gap, digit in zip(gaps, rest, strict=False))
    assert gone(written, "rang {} twice")


@given(st.integers(1, 9), st.text("0123456789", min_size=7, max_size=14), st.sampled_from(["", " ", "-", "."]))
def test_a_number_of_abroad_begins_with_its_plus(first: int, rest: str, gap: str) -> None:
    assert gone(f"+{first}" + "".join(gap + digit for digit in rest), "rang {} twice")


@pytest.mark.parametrize("label", ["Tel", "tel:", "Telephone no.", "phone", "Mobile -", "mob", "Fax:", "TEL."])
@pytest.mark.parametrize("number", ["4960123", "496 0123", "7700 900123", "496-01-23"])
def test_behind_its_label_a_short_number_is_one(label: str, number: str) -> None:
    assert without(f"{label} {number}, please") == f"{label} [phone number removed], please"


@pytest.mark.parametrize(
    "written",
    ["999", "111", "116 123", "0800 1111", "0", "2026", "12 of 50", "01:30", "0.5", "00000", "1,200", "3/4", "0-10"],
)
def test_a_short_number_without_a_label_is_nobodys(written: str) -> None:
    assert without(f"seen {written} today") == f"seen {written} today"


# Postcodes

AREAS = ["AB", "B", "BS", "CF", "E", "EC", "GL", "IV", "LL", "M", "NE", "NG", "OX", "SW", "TQ", "W", "WC", "ZE"]
DISTRICTS = ["1", "9", "12", "1A", "2P"]


@given(
    st.sampled_from(AREAS),
    st.sampled_from(DISTRICTS),
    st.sampled_from(["", " ", "  ", "-", "\u00a0", " - "]),
    st.integers(0, 9),
    st.text("ABDEFGHJLNPQRSTUWXYZ", min_size=2, max_size=2),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_a_postcode_in_any_dress(
    area: str, district: str, gap: str, sector: int, unit: str, case: Callable[[str], str]
) -> None:
    written = case(f"{area}{district}{gap}{sector}{unit}")
    assert without(f"lives at {written}, alone") == "lives at [postcode removed], alone"


@pytest.mark.parametrize("letter", "CIKMOV")
def test_letters_that_no_postcode_ends_in_make_none(letter: str) -> None:
    for written in (f"NG7 2{letter}B", f"NG7 2B{letter}"):
        assert without(f"form {written} was used") == f"form {written} was used"


@pytest.mark.parametrize("written", ["QZ1 1AA", "XX9 9XX", "NG 2AB", "NG123 2AB", "NG7 22AB", "7NG7 2AB", "NG7 2ABC"])
def test_what_is_shaped_almost_like_one_is_none(written: str) -> None:
    assert Kind.POSTCODE not in kinds(f"form {written} was used")


# E-mail, web, National Insurance

LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=10)


@given(
    LOCAL,
    st.sampled_from([".", "-", "_", "+", "'"]),
    LOCAL,
    LOCAL,
    st.sampled_from(["nhs.uk", "co.uk", "example", "gov.uk"]),
    st.sampled_from([("", "."), ("(", ")"), ("<", ">"), ("“", "”"), ("", ","), ("mailto:", ";"), ("", "'")]),
)
def test_an_address_of_e_mail_is_taken_out_and_nothing_beside_it(
    first: str, sign: str, last: str, host: str, domain: str, around: tuple[str, str]
) -> None:
    before, after = around
    left = without(f"write {before}{first}{sign}{last}@{host}.{domain}{after} soon", ())
    assert left == f"write {before}[e-mail removed]{after} soon"


@pytest.mark.parametrize(
    "written",
    ["maud@ward", "maud @ invented.example", "maud(at)invented.example", "maud [at] invented.example",
     "MAUD@INVENTED.EXAMPLE", "m@ü.example", "maud＠invented.example", "o'brien@invented.example"],
)  # fmt: skip
def test_as_people_write_it_to_be_clever_too(written: str) -> None:
    assert gone(written, "write to {} soon")


@pytest.mark.parametrize("written", ["@ 9 am", "seen @ the ward", "3 @ 10", "at the ward", "a @ b"])
def test_an_at_by_itself_is_no_address(written: str) -> None:
    assert without(f"seen {written} then") == f"seen {written} then"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("www.elmhouse.example/staff?id=7", "[web address removed]"),
        ("HTTPS://ELMHOUSE.EXAMPLE", "[web address removed]"),
        ("elmhouse.org.uk", "[web address removed]"),
        ("elm-house.nhs.uk/a/b", "[web address removed]"),
        ("the end.Next day", "the end.Next day"),
        ("v1.2.3 of it", "v1.2.3 of it"),
        ("e.g. i.e. a.m.", "e.g. i.e. a.m."),
        ("report.pdf", "report.pdf"),
    ],
)
def test_a_web_address_leads_to_somebody_and_a_full_stop_does_not(written: str, left: str) -> None:
    assert without(f"see {written} there") == f"see {left} there"


@given(
    st.sampled_from("ABCEGHJKLMNOPRSTWXYZ"),
    st.sampled_from("ABCEGHJKLMNPRSTWXYZ"),
    st.integers(0, 999_999),
    st.sampled_from("ABCD"),
    st.sampled_from(["", " ", "-"]),
)
def test_a_national_insurance_number_is_found_in_pairs_or_run_together(
    one: str, two: str, digits: int, last: str, gap: str
) -> None:
    pairs = re.findall("..", f"{digits:06d}")
    assert gone(gap.join([one + two, *pairs, last]))


@pytest.mark.parametrize("written", ["DA123456A", "AO123456A", "QQ123456C", "AB123456E", "AB12345C", "AB1234567C"])
def test_letters_that_are_never_given_out_are_no_number(written: str) -> None:
    assert Kind.NATIONAL_INSURANCE not in kinds(f"form {written} was used")


# Days of birth

WRITTEN = ["{d}/{m}/{y}", "{d}.{m}.{y}", "{d} - {m} - {y}", "{y}-{m:02}-{d:02}", "{d} {month} {y}", "{month} {d}, {y}"]
WRITTEN += ["{d}th of {month}, {y}", "{d} {short}. {y}", "{y}/{m}/{d}"]
MONTHS = "January February March April May June July August September October November December"


@given(st.sampled_from(WRITTEN), st.integers(1, 31), st.integers(1, 12), st.integers(1900, 2026))
def test_a_whole_day_is_one_of_birth_up_to_the_year_after_which_things_happened(
    form: str, day: int, month: int, year: int
) -> None:
    name = MONTHS.split()[month - 1]
    written = form.format(d=day, m=month, y=year, month=name, short=name[:3])
    assert gone(written) is (year <= LAST_BIRTH_YEAR)
    for label in ("DOB", "d.o.b.", "Date of birth:", "born on", "birthday"):
        assert gone(written, f"seen, {label} {{}}, today"), "behind its label any year is"


@pytest.mark.parametrize(
    "written", ["03/04/58", "3 April", "April 2011", "2011", "in 1983", "1899-12-31", "31/12/1899"]
)
def test_less_than_a_whole_day_is_nobodys_without_a_label(written: str) -> None:
    assert without(f"seen {written} today") == f"seen {written} today"


@pytest.mark.parametrize("written", ["3/4/58", "April 1958", "1958", "3 Apr 58"])
def test_but_behind_born_it_is(written: str) -> None:
    assert without(f"Maud was born in {written}.", ()) == "Maud was born in [date of birth removed]."


@pytest.mark.parametrize(("year", "is_birth"), [(1899, False), (1900, True), (2012, True), (2013, False)])
@pytest.mark.parametrize("form", WRITTEN)
def test_the_first_and_the_last_year_of_birth(form: str, year: int, *, is_birth: bool) -> None:
    assert gone(form.format(d=12, m=3, y=year, month="March", short="Mar")) is is_birth


# Titles


@pytest.mark.parametrize("title", sorted(ordinary.TITLES))
def test_after_a_title_there_is_a_name_however_it_is_written(title: str) -> None:
    for form in (title, title.capitalize(), title.upper(), f"{title.capitalize()}."):
        for name in ("Quist", "quist", "QUIST", "J. Quist", "de la Quist", "Quist-Orrell", "O’Quist"):
            assert without(f"then {form} {name} came", ()).startswith("then [name removed]"), (form, name)


@pytest.mark.parametrize("title", sorted(ordinary.CAPITAL_TITLES))
def test_a_title_that_is_a_word_too_needs_both_written_large(title: str) -> None:
    assert without(f"then {title.capitalize()} Quist came", ()) == "then [name removed] came"
    for text in (f"then {title} quist came", f"then {title} Quist came", f"then {title.capitalize()} quist came"):
        assert without(text, ()) == text


def test_a_word_after_a_title_that_is_no_name_stays() -> None:
    for title, word in itertools.product(sorted(ordinary.TITLES), sorted(ordinary.NOT_NAMES)):
        text = f"then {title.capitalize()} {word} it"
        assert without(text, ()) == text


def test_a_sentence_that_ends_with_a_name_ends_it() -> None:
    assert without("then Mrs Quist. Nobody came", ()) == "then [name removed]. Nobody came"
    assert without("then Mrs A. B. Quist. Nobody came", ()) == "then [name removed]. Nobody came"


@pytest.mark.parametrize("initial", "ABISTZ")
def test_an_initial_after_a_title_begins_a_name(initial: str) -> None:
    for form in (f"Mr {initial}. Quist", f"Dr {initial} Quist", f"Mrs {initial}.J. Quist", f"Nurse {initial}. Quist"):
        assert without(f"then {form} came", ()) == "then [name removed] came"
    assert without("then Mrs Quist's sister and Mr Quist’s son", ()) == (
        "then [name removed]'s sister and [name removed]’s son"
    )


@pytest.mark.parametrize("many", range(1, 8))
def test_names_after_a_title_go_on_for_so_many_words(many: int) -> None:
    names = ["Anka", "Berit", "Celyn", "Dagny", "Eirlys", "Ffion", "Gwenno"][:many]
    left = without(f"then Mrs {' '.join(names)} came", ())
    rest = "".join(f" {one}" for one in names[MOST_NAMES_AFTER_TITLE:])
    assert left == f"then [name removed]{rest} came"


# Addresses


@pytest.mark.parametrize(
    "street",
    ["Street", "St", "Road", "Rd", "Lane", "Avenue", "Close", "Drive", "Court", "Crescent", "Gardens", "Mews", "House"],
)
@pytest.mark.parametrize("number", ["1", "12", "12b", "1234", "7,"])
def test_a_house_in_a_street_is_an_address(street: str, number: str) -> None:
    for name in ("Elm", "Elm Tree", "Old St Mary's"):
        assert without(f"lives at {number} {name} {street} now", ()) == "lives at [address removed] now"


@pytest.mark.parametrize(
    "text",
    ["in 5 minutes walk", "2 Hill teams", "bed 3 by the court", "12 Elm", "Elm Street", "10 steps up the Hill",
     "3 people in the Green room", "12345 Elm Street", "24 hours a Day", "on 4 close calls"],
)  # fmt: skip
def test_a_number_before_a_word_is_none(text: str) -> None:
    assert without(text, ()) == text


# What cannot be seen

UNSEEN = (
    "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u061c", "\u180e", "\u202a", "\u202e",
    "\u2066", "\u2069", "\u200e", "\u200f", "\u115f", "\u3164", "\uffa0", "\ufe0f", "\u0301", "\u20dd", "\U000e0041",
    "\x00", "\x07", "\ue000", "\ud83d",
)  # fmt: skip
"""Zero width, turning text round, fillers, selectors, accents, tags, controls, private letters, half a letter."""
WHOLE = ("Wren Ashdown", "07700 900123", "9434765919", "NG7 2AB", "maud@invented.example", "AB123456C", "12/03/1958",
         "P-1042", "Mr Pike")  # fmt: skip


@pytest.mark.parametrize("unseen", UNSEEN, ids=lambda one: f"U+{ord(one):04X}")
def test_no_unseen_character_hides_anything(unseen: str) -> None:
    for whole in WHOLE:
        for written in (unseen.join(whole), whole[:3] + unseen * 3 + whole[3:], whole + unseen):
            assert gone(written), (whole, written)


LOOKS_LIKE = dict(zip("abekmhopctyxijs", "авекмнорстухіјѕ", strict=True))


@given(st.sets(st.sampled_from(sorted(LOOKS_LIKE))), st.sampled_from(["Wren Ashdown", "Maud Smith", "Harker"]))
def test_letters_of_another_alphabet_that_look_like_ours_hide_nothing(swapped: set[str], name: str) -> None:
    assert gone("".join(LOOKS_LIKE[one] if one in swapped else one for one in name))


@pytest.mark.parametrize(
    "written",
    [
        "𝐖𝐫𝐞𝐧 𝐀𝐬𝐡𝐝𝐨𝐰𝐧",
        "Ｗｒｅｎ　Ａｓｈｄｏｗｎ",
        "Ⓦⓡⓔⓝ Ⓐⓢⓗⓓⓞⓦⓝ",
        "ＷＲＥＮ–ＡＳＨＤＯＷＮ",
        "Wren\u2009Ashdown",
        "wren\tashdown",
    ],
)
def test_nor_do_letters_in_fancy_dress(written: str) -> None:
    assert gone(written)


@pytest.mark.parametrize("digits", ["٩٤٣٤٧٦٥٩١٩", "９４３４７６５９１９", "𝟗𝟒𝟑𝟒𝟕𝟔𝟓𝟗𝟏𝟗", "९४३४७६५९१९"])
def test_nor_digits_of_another_script(digits: str) -> None:
    assert without(f"NHS {digits} seen") == "NHS [NHS number removed] seen"


# Names on the records

NAMES = st.tuples(*[st.text("abcdefghklmnoprtuvwz", min_size=4, max_size=8).map(lambda end: f"Zq{end}")] * 2)


@given(NAMES, st.integers(0, 9))
def test_a_name_in_every_order_and_by_its_initial(named: tuple[str, str], way: int) -> None:
    first, last = named
    assume(first != last)
    written = [
        f"{first} {last}", f"{last}, {first}", f"{last} {first}", f"{first[0]}. {last}", f"{last}, {first[0]}.",
        f"{first.upper()} {last.upper()}", f"{first.lower()} {last.lower()}", f"{first}-{last}", f"{first}{last}",
        f"{first}_{last}",
    ][way]  # fmt: skip
    left = removed(f"then {written} came", identifiers_in(f"then {written} came", [f"{first} {last}"]))
    assert left.replace("].", "]") == "then [name removed] came"


@given(st.permutations(KNOWN), st.sampled_from(["Maud and Wren rang P 1042", "harker; O'Brien, A.", "RIO 77 3 Søren"]))
def test_the_order_in_which_people_are_known_does_not_matter(known: list[str], text: str) -> None:
    assert identifiers_in(text, known) == identifiers_in(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    ["a wrenching day", "ashdowns? no: dashdown", "smithereens", "quilling", "harkering back", "sorenson-like",
     "unmaud", "P-10421 and XP-1042", "RIO 77/31", "obrienne"],
)  # fmt: skip
def test_a_name_inside_a_longer_word_is_none(text: str) -> None:
    found = [one.text for one in identifiers_in(text, KNOWN)]
    assert found in ([], ["ashdowns"]), "but for several of one name"


def test_the_forms_of_names_never_hold_what_is_no_name() -> None:
    forms = known_names._Forms(["Dr Piet van der Linden", "Al-Said", "J.", "4 Elm", "Mr", "de la"])
    assert {"linden", "piet", "said"} <= set(forms.parts)
    assert not {"van", "der", "al", "dr", "de", "la", "j", "elm"} & set(forms.parts)
    assert "pl" in forms.initials


# What is ordinary


@pytest.mark.parametrize(
    "note",
    [
        "BP 120/80, pulse 72, temp 37.4, sats 97% on air, resps 16.",
        "Olanzapine 10 mg at 22:00; lorazepam 1 mg PRN, 2 doses in 24 hours.",
        "Seen on 03/03/2026 at 14:30 and again on 2026-03-04, for 45 minutes.",
        "Ward 4B, bay 2, bed 3; room 12 was empty.",
        "Section 136, s.117 and s17 leave under the Mental Health Act 1983.",
        "The GP, CPN, AMHP and OT came; the social worker sent apologies.",
        "One to one observation every 15 minutes, 24/7, for 3 days.",
        "£1,200.50 was missing and 2 cards were used 14 times.",
        "ICD-10 F20.0 and F32.1; PHQ-9 18, GAD-7 15, MUST 2, Waterlow 15.",
        "She will hope for a good summer; may it be one. He can be brave.",
        "The doctor on call and the nurse in charge agreed with her mother.",
        "Care Act 2014, section 42(2); Working Together 2023, chapter 3.",
        "Scored 9 of 10, then 7/10, then 3 out of 10; a rate of 0.35 (95% CI 0.2 to 0.5).",
        "E. coli and C. diff were ruled out. Vitamin B12 and D3 were given.",
        "The miss was ours: nobody rang 111 or 999, nor the crisis line.",
        "In May and in March nobody looked; by April they did.",
        "A mark on the left arm, 3 cm by 2 cm, brown and old.",
        "Team A saw 12 people, team B 9, and 3 were not in.",
        "A 72-hour review, a 28-day plan, a 6-month audit.",
        "He walked by the river, up the hill and home through the park.",
        "Version 2.1 of the form (page 3 of 7) asks for it, see paragraph 4.",
        "Between 9 am and 5 pm on a working day; 10 a.m. at the latest.",
    ],
)
def test_an_ordinary_note_is_left_as_it_is(note: str) -> None:
    """With nobody known but people it does not speak of."""
    assert without(note, ("Tibor Lindqvist", "Siân Okonkwo", "KX-9910")) == note


def test_the_lists_of_words_are_written_as_they_are_looked_for() -> None:
    lists = (ordinary.ORDINARY, ordinary.PARTICLES, ordinary.TITLES, ordinary.CAPITAL_TITLES, ordinary.NOT_NAMES)
    assert all(re.fullmatch("[a-z]+", word) for each in lists for word in each)
    assert not ordinary.TITLES & ordinary.CAPITAL_TITLES
    assert not (ordinary.TITLES | ordinary.CAPITAL_TITLES) & ordinary.NOT_NAMES


# A text as it is searched


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("É", "e"), ("ß", "ss"), ("Æ", "ae"), ("œ", "oe"), ("Ø", "o"), ("Ł", "l"), ("þ", "th"), ("ﬁ", "fi"), ("İ", "i"),
        ("ı", "i"), ("①", "1"), ("٣", "3"), ("²", "2"), ("½", "1⁄2"), ("\u00a0", " "), ("\n", " "), ("\u2028", " "),
        ("\u2800", " "), ("\u2011", "-"), ("—", "-"), ("−", "-"), ("·", "-"), ("’", "'"), ("`", "'"),
        ("\u200b", ""), ("\u00ad", ""), ("\ufe0f", ""), ("\x00", ""), ("А", "a"), ("Ω", "ω"), ("💙", "💙"),
    ],
)  # fmt: skip
def test_each_character_as_it_is_searched(written: str, plain: str) -> None:
    assert Plain.of(f"x{written}y").text == f"x{plain}y"


@given(st.text(max_size=60))
def test_each_letter_searched_comes_from_one_that_was_written(original: str) -> None:
    plain = Plain.of(original)
    assert len(plain.text) == len(plain.places)
    assert list(plain.places) == sorted(plain.places)
    assert all(0 <= place < len(original) for place in plain.places)
    assert Plain.of(plain.text).text == Plain.of(Plain.of(plain.text).text).text
    for letters, start, end in plain.words():
        assert plain.text[start:end] == letters
        assert re.fullmatch(r"[^\W\d_]+", letters)
        first, last = plain.original_span(start, end)
        assert letters in Plain.of(original[first:last]).text


@given(st.text(max_size=20), st.sampled_from(UNSEEN[:20]), st.text(max_size=20))
def test_what_is_unseen_changes_nothing_that_is_searched(before: str, unseen: str, after: str) -> None:
    assert Plain.of(before + unseen + after).text == Plain.of(before + after).text
