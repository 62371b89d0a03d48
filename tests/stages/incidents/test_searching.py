"""Searching gives the same on SQLite and on PostgreSQL: signs, accents, days, endings (R6)."""

from __future__ import annotations

import pytest

from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import correct_report
from saferpractice.incidents.search import MOST_WORDS, matching, words_of
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]

REPORTS = {
    "cafe": "The café was shut; Zoë and naïve François waited in the Überlandstraße.",
    "plain": "The cafe on the corner, where Zoe waits.",
    "clock": "At 16:30 on 21/09/2031 the out-of-hours line (111) was engaged.",
    "mail": "He wrote to duty.team@care.example about o'brien's self-neglect.",
    "printed": "She wasn’t at home…“Later”—he said—it cost £50 at 3\u00a0o’clock.",
    "escalation": "Escalations were delayed: nobody escalated, and the visitors visited twice.",
}


@pytest.fixture(autouse=True)
def _reports(cast: Cast) -> None:
    for key, words in REPORTS.items():
        an_incident(by=cast.worker, team=cast.north, key=key, what_happened=words, done_at_once="", themes=())


def found(text: str) -> set[str]:
    return set(matching(Incident.objects.all(), text).values_list("submission_key", flat=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("café", {"cafe", "plain"}),
        ("cafe", {"cafe", "plain"}),
        ("CAFÉ", {"cafe", "plain"}),
        ("cafe\u0301", {"cafe", "plain"}),
        ("zoe", {"cafe", "plain"}),
        ("Zoë", {"cafe", "plain"}),
        ("naive francois", {"cafe"}),
        ("uberlandstraße", {"cafe"}),
        ("zoë corner", {"plain"}),
        ("16:30", {"clock"}),
        ("21/09/2031", {"clock"}),
        ("2031", {"clock"}),
        ("21.09.2031", {"clock"}),
        ("out of hours line", {"clock"}),
        ("out-of-hours", {"clock"}),
        ("(111)", {"clock"}),
        ("self-neglect", {"mail"}),
        ("self neglect", {"mail"}),
        ("duty.team@care.example", {"mail"}),
        ("care.example duty", {"mail"}),
        ("o'brien", {"mail"}),
        ("O’Brien", {"mail"}),
        ("wasn’t later", {"printed"}),
        ("wasn't home", {"printed"}),
        ("later said cost", {"printed"}),
        ("£50", {"printed"}),
        ("50 o'clock", {"printed"}),
        ("escalation", {"escalation"}),
        ("escalating", {"escalation"}),
        ("visitor", {"escalation"}),
        ("visit delay", {"escalation"}),
        ("waiting", {"cafe", "plain"}),
        ("escalation cafe", set()),
        ("esc", set()),
        ("", set()),
        ("   ", set()),
        ("…—!", set()),
        ("🙂", set()),
        ('"cafe" OR corner', {"plain"}),
        ("cafe*", {"cafe", "plain"}),
        ("cafe) AND (", {"cafe", "plain"}),
        ("the cafe, and there", {"cafe", "plain"}),
        ("the", set()),
        ("THE and Of", set()),
        ("-cafe", {"cafe", "plain"}),
        ("cafe_corner", {"plain"}),
        ("cafe\x00corner", {"plain"}),
        ("%", set()),
    ],
)
def test_each_search_finds_the_same_everywhere(text: str, expected: set[str]) -> None:
    assert found(text) == expected


def test_a_reference_finds_its_incident_whole_or_in_parts() -> None:
    one = Incident.objects.get(submission_key="mail")
    assert found(one.reference) == {"mail"}
    assert found(one.reference.split("-")[1]) == {"mail"}


def test_words_of_a_correction_count_with_those_of_the_report(cast: Cast) -> None:
    one = Incident.objects.get(submission_key="clock")
    correct_report(by=cast.lead, at=NOW, incident=one, part="where", text="In the pâtisserie", reason="Log")
    assert found("patisserie") == {"clock"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("b c", ("b", "c")),
        ("What was the landlord's", ("landlord",)),
        ("self-neglect", ("self-neglect",)),
        ("--self--neglect--", ("self", "neglect")),
        ("naïve Zoë", ("naive", "Zoe")),
        ('NEAR("x", 3) ^ y*', ("NEAR", "x", "3", "y")),
        ("你好 мир", ("你好", "мир")),
        ("x" * 600, ("x" * 500,)),
    ],
)
def test_what_an_engine_would_obey_is_dropped(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_no_more_words_than_an_engine_takes() -> None:
    assert len(words_of(" ".join(f"w{n}" for n in range(40)))) == MOST_WORDS
