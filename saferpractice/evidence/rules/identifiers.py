"""Which words of a text could tell a reader who somebody is, and the text without them.

Nothing found is not proof that nobody can be recognised: a misspelt name, a nickname, bare initials ("JS"), or simply
what happened may be enough. So a person reads every text as well before it leaves the provider.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.evidence.rules import known_names
from saferpractice.evidence.rules.ordinary import CAPITAL_TITLES, NOT_NAMES, PARTICLES, TITLES
from saferpractice.evidence.rules.plainly import Plain


class IdentifierKind(StrEnum):
    """What kind of sign it is. The value is what the mask says."""

    KNOWN_NAME = "name"
    TITLED_NAME = "titled name"
    NHS_NUMBER = "NHS number"
    NATIONAL_INSURANCE = "National Insurance number"
    REFERENCE = "reference"
    EMAIL = "e-mail"
    WEB = "web address"
    PHONE = "phone number"
    BIRTH = "date of birth"
    POSTCODE = "postcode"
    ADDRESS = "address"

    @property
    def mask(self) -> str:
        """What stands in its place."""
        return f"[{'name' if self is IdentifierKind.TITLED_NAME else self.value} removed]"


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that could tell who somebody is: ``text`` is ``whole[start:end]``, as it was written."""

    kind: IdentifierKind
    start: int
    end: int
    text: str


Span = tuple[IdentifierKind, int, int]

_GAP = r"[ \-.]{0,2}"
_DIGITS = re.compile(rf"(?<!\d)(?=(\d(?:{_GAP}\d){{9}})(?!\d))")
_ISO_DAY = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")
_LABELLED_NHS = re.compile(rf"\bnhs *(?:number|num|no|nr|id|#)?[ .:#=\-]{{0,4}}(\d(?:{_GAP}\d){{8,10}})(?!\d)")
_NATIONAL_INSURANCE = re.compile(
    r"(?<![a-z\d])[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z](?:[ \-]?\d\d){3}[ \-]?[a-d](?![a-z\d])"
)
_EMAIL = re.compile(
    r"(?<![\w.+\-'])[\w.+\-']++(?:@[\w\-]++(?:\.[\w\-]++)*+|(?: @ ?|@ |\ ?[(\[]at[)\]] ?)[\w\-]++(?:\.[\w\-]++)++)"
)
_DOMAINS = "uk|com|org|net|eu|info|io|gov|edu|nhs|scot|wales|london|co"
_WEB = re.compile(
    rf"(?:\bhttps?://|\bwww\.)[^ <>\"]+"
    rf"|(?<![\w@.\-])[a-z\d][\w\-]*+(?:\.[\w\-]++)*?\.(?:{_DOMAINS})(?![\w\-]|\.[a-z])(?:/[^ <>\"]*)?"
)
_PHONE_GAP = r"[ \-.()/]{0,3}"
_PHONE = re.compile(
    rf"(?<![\d])(?:(?:\+ ?|00 ?)44(?:{_PHONE_GAP}\(0\))?|\(?0)(?:{_PHONE_GAP}\d){{9,10}}(?!\d)"
    rf"|\+ ?\d(?:{_PHONE_GAP}\d){{7,14}}(?!\d)"
)
_LABELLED_PHONE = re.compile(r"\b(?:tel|telephone|phone|mobile|mob|fax)\b[^\d]{0,12}(\d[\d \-]{4,14}\d)(?!\d)")
_AREAS = (
    "ab al b ba bb bd bf bh bl bn br bs bt bx ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh "
    "en ex fk fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m me mk "
    "ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td "
    "tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze"
)
_POSTCODE = re.compile(
    rf"(?<![a-z\d])(?:{'|'.join(_AREAS.split())})\d[a-z\d]?[ \-]{{0,3}}\d[abd-hjlnp-uw-z]{{2}}(?![a-z\d])"
)
_STREETS = (
    "street|st|road|rd|lane|avenue|ave|close|drive|way|court|crescent|gardens|terrace|place|square|grove|hill|walk|mews|"
    "rise|row|park|green|house|flats|villas|parade"
)
_ADDRESSES = [
    re.compile(rf"(?<![\d\w])\d{{1,4}}[a-z]?,? ((?:[^\W\d_][\w'\-]*+,? ){{1,3}}{few})((?:{_STREETS}))(?![\w])")
    for few in ("?", "")  # up to the first word for a street, and up to the last: "12 Old St Mary's Close"
]
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTH = rf"(?:{_MONTHS})[a-z]{{0,6}}\.?"
_DAY = (
    rf"(?:\d{{1,2}} ?[/.\-] ?\d{{1,2}} ?[/.\-] ?(\d{{4}}|\d{{2}})|((?:19|20)\d\d)[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH},? ?(\d{{4}}|\d{{2}})|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (\d{{4}}))"
)
_WRITTEN_DAY = re.compile(rf"(?<![\d/]){_DAY}(?!\d)")
_BIRTH = re.compile(
    rf"(?:\bd\.? ?o\.? ?b\b\.?|\bdate of birth\b|\bbirth ?(?:day|date)\b|\bborn\b)[^\d]{{0,15}}?"
    rf"({_DAY}|{_MONTH} (?:19|20)\d\d|(?:19|20)\d\d)(?!\d)"
)
_TITLE = re.compile(rf"(?<![a-z])({'|'.join(sorted(TITLES | CAPITAL_TITLES, key=len, reverse=True))})(?![a-z'])\.?")
_NEXT_NAME = re.compile(r"(?:[ \-']{1,3}|(?<=\.))([^\W\d_]+)\.?")
_FIRST_NAME = re.compile(r"(?: {1,3}|(?<=\.) {0,3})([^\W\d_]+)\.?")
_MASKS = re.compile("|".join(sorted({re.escape(kind.mask) for kind in IdentifierKind})))

LAST_BIRTH_YEAR = 2012
"""A whole date up to this year is taken for a date of birth: what happened is later, and those supported are older."""
MOST_NAMES_AFTER_TITLE = 4


def identifiers_in(text: str, known: Collection[str] = ()) -> tuple[Identifier, ...]:
    """Everything in ``text`` that could tell who somebody is, in order, none overlapping another.

    ``known`` holds the names that stand on the records ("Maud O'Brien-Smith"), and references (whatever has a digit).
    A name is found whole or in part (surname alone, first name alone, "M. O'Brien", "OBRIEN, Maud"), whatever its
    case, accents, hyphens, blanks and unseen characters. A part that is also an ordinary word ("Will", "Hope") counts
    only where it is written large. Masks that ``removed`` leaves are no identifiers.
    """
    plain = Plain.of(text)
    spans = [*_patterns(plain), *_titled(plain)]
    spans += [(IdentifierKind.KNOWN_NAME, *span) for span in known_names.found(plain, known)]
    spans += [(IdentifierKind.REFERENCE, *span) for span in known_names.references(plain, known)]
    placed = [(kind, *plain.original_span(start, end)) for kind, start, end in spans if start < end]
    masks = [found.span() for found in _MASKS.finditer(text)]
    outside = [one for one in placed if not any(one[1] < end and one[2] > start for start, end in masks)]
    return tuple(Identifier(kind, start, end, text[start:end]) for kind, start, end in _apart(outside))


def removed(text: str, identifiers: Iterable[Identifier]) -> str:
    """``text`` with a mask in the place of each of ``identifiers``, such as "[name removed]".

    Raises:
        ValueError: one of them is not of this text.
    """
    kept, place = [], 0
    for one in sorted(identifiers, key=lambda each: each.start):
        if one.start < place or text[one.start : one.end] != one.text or not one.text:
            raise ValueError("An identifier is not of this text.")
        kept += [text[place : one.start], one.kind.mask]
        place = one.end
    return "".join([*kept, text[place:]])


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans that overlap become one, of the kind of the longest; so nothing that was found is left standing."""
    order = list(IdentifierKind)
    longest: Span | None = None
    start = end = 0
    for span in sorted(spans, key=lambda one: (one[1], one[1] - one[2], order.index(one[0]))):
        if longest is not None and span[1] >= end:
            yield longest[0], start, end
            longest = None
        if longest is None:
            longest, start, end = span, span[1], span[2]
        elif span[2] - span[1] > longest[2] - longest[1]:
            longest = span
        end = max(end, span[2])
    if longest is not None:
        yield longest[0], start, end


def _patterns(plain: Plain) -> Iterator[Span]:
    text = plain.text
    whole = [
        (IdentifierKind.NATIONAL_INSURANCE, _NATIONAL_INSURANCE),
        (IdentifierKind.EMAIL, _EMAIL),
        (IdentifierKind.WEB, _WEB),
        (IdentifierKind.PHONE, _PHONE),
        (IdentifierKind.POSTCODE, _POSTCODE),
    ]
    for kind, pattern in whole:
        for found in pattern.finditer(text):
            yield kind, found.start(), found.start() + len(found[0].rstrip(".,;:!?)'-"))
    for kind, pattern in [
        (IdentifierKind.NHS_NUMBER, _LABELLED_NHS),
        (IdentifierKind.PHONE, _LABELLED_PHONE),
        (IdentifierKind.BIRTH, _BIRTH),
    ]:
        yield from ((kind, *found.span(1)) for found in pattern.finditer(text))
    for found in _DIGITS.finditer(text):
        if is_nhs_number(found[1]) and not _ISO_DAY.match(found[1]):
            yield IdentifierKind.NHS_NUMBER, *found.span(1)
    for found in _WRITTEN_DAY.finditer(text):
        year = next(one for one in found.groups() if one is not None)
        if len(year) == 4 and 1900 <= int(year) <= LAST_BIRTH_YEAR:
            yield IdentifierKind.BIRTH, *found.span()
    for found in (hit for pattern in _ADDRESSES for hit in pattern.finditer(text)):
        if plain.capital(found.start(1)) and plain.capital(found.start(2)):
            yield IdentifierKind.ADDRESS, *found.span()


def is_nhs_number(written: str) -> bool:
    """Whether the digits of ``written`` are ten, and the last is the check digit (modulus 11) of the others."""
    digits = [int(one) for one in written if one.isdigit()]
    if len(digits) != 10:
        return False
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check % 11 == digits[9] and check != 10


def _titled(plain: Plain) -> Iterator[Span]:
    """A title and the name after it: "Mr J. Smith", "dr patel", "Sister Mary Brown"."""
    for title in _TITLE.finditer(plain.text):
        strong = title[1] in TITLES
        if strong or plain.capital(title.start()):
            end = _end_of_name(plain, title.end(), large=not strong)
            if end is not None:
                yield IdentifierKind.TITLED_NAME, title.start(), end


def _is_no_name(plain: Plain, word: re.Match[str]) -> bool:
    """Whether a word after a title is none of a name: "a" is none, "A." is an initial; "s" is none in "Pike's"."""
    if word[1] == "s" and plain.text[word.start(1) - 1] == "'":
        return True
    return word[1] in NOT_NAMES and not (len(word[1]) == 1 and plain.capital(word.start(1)))


def _end_of_name(plain: Plain, start: int, *, large: bool) -> int | None:
    """Where the name after a title ends. ``large``: its first word is a name only if it is written large."""
    word, end = _FIRST_NAME.match(plain.text, start), None
    for _ in range(MOST_NAMES_AFTER_TITLE):
        if word is None or _is_no_name(plain, word):
            break
        if word[1] not in PARTICLES:
            if not plain.capital(word.start(1)) and (large or end is not None):
                break
            end = word.end(1)
        if word[0].endswith(".") and len(word[1]) > 1:
            break
        word = _NEXT_NAME.match(plain.text, word.end())
    return end
