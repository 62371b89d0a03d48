"""The words for people: the person supported, whatever the law or a framework calls them."""

from __future__ import annotations

import pytest

from tests.architecture.source import person_words, repository_files, text_of

# Law, national lists and other people's reports speak their own language, and are quoted as they are.
QUOTED = ("/data/", "example-data/", "saferpractice/design/static/", "saferpractice/lists/library/")
# Files that name codes of such a list, each with the list.
QUOTED_CODES = {
    "saferpractice/lists/rules/details.py": "the NPSA contributory factors are grouped as they published them"
}
SPOKEN = (".py", ".jinja", ".html", ".txt")


def test_they_are_used_in_code_and_on_pages() -> None:
    ours = [
        name
        for name in repository_files()
        if name.startswith("saferpractice/")
        and name.endswith(SPOKEN)
        and name not in QUOTED_CODES
        and not any(part in name for part in QUOTED)
    ]
    assert len(ours) > 50
    wrong = [f"{name}:{line} {word}" for name in ours for line, word in person_words(text_of(name) or "")]
    assert wrong == [], "say “person supported”"


@pytest.mark.parametrize("text", ["the patient", "Patients", "patient_id", "is_victim", "a perpetrator.", "PATIENT"])
def test_the_words_are_found(text: str) -> None:
    assert person_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "patience",
        "impatient",
        "victimised",
        "the Patient Safety Incident Response Framework",
        "the patient safety incidents of the framework",
        "the person supported",
    ],
)
def test_other_words_are_not(text: str) -> None:
    assert not person_words(text)
