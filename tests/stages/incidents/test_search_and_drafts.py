"""Finding incidents by words, and reports kept while they are typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from saferpractice.config import encryption
from saferpractice.incidents import drafts
from saferpractice.incidents.models import Incident, ReportDraft
from saferpractice.incidents.operations import correct_report
from saferpractice.incidents.queries import newest_visible
from saferpractice.incidents.search import matching, words_of
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


def found(text: str) -> set[str]:
    return {incident.reference for incident in matching(Incident.objects.all(), text)}


class TestSearch:
    @pytest.fixture(autouse=True)
    def _three(self, cast: Cast) -> None:
        self.escalated = an_incident(
            by=cast.worker, team=cast.north, what_happened="The crisis was escalated late. Café visit missed."
        )
        self.money = an_incident(by=cast.worker, team=cast.east, what_happened="Money is missing; new visitors’ cars.")
        self.third = an_incident(
            by=cast.worker, team=cast.south, what_happened="Nothing of note", done_at_once="Rang 111"
        )

    @pytest.mark.parametrize("text", ["escalation", "ESCALATED crisis", "late escalate", "café"])
    def test_words_match_whatever_their_ending(self, text: str) -> None:
        assert found(text) == {self.escalated.reference}

    @pytest.mark.parametrize(
        "text", ["21/09/2031", "09", "16:30", "16:30 21/09/2031", "wing/annex", "e-mail", "care.example"]
    )
    def test_dates_times_and_words_that_signs_join_are_found_by_their_parts(self, cast: Cast, text: str) -> None:
        told = "At 16:30 on 21/09/2031 an e-mail to duty@care.example.org asked about the wing/annex."
        incident = an_incident(by=cast.worker, team=cast.east, what_happened=told)
        assert incident.reference in found(text)

    def test_every_word_must_be_there(self) -> None:
        assert found("crisis money") == set()

    def test_what_was_done_and_the_reference_are_searched(self) -> None:
        assert found("111") == {self.third.reference}
        assert found(self.money.reference) >= {self.money.reference}

    def test_a_correction_is_searched_too(self, cast: Cast) -> None:
        correct_report(
            by=cast.lead, at=NOW, incident=self.third, part="learnt_later", text="Landlord rang", reason="log"
        )
        assert found("landlord") == {self.third.reference}

    @pytest.mark.parametrize(
        "text", ["", "   ", '"', "*", "NEAR(", "text:", "a OR", "' ; DROP TABLE x", "-", "\x00", "🙂"]
    )
    def test_no_sign_breaks_it(self, text: str) -> None:
        found(text)

    def test_a_search_without_words_finds_nothing(self) -> None:
        assert found("!!!") == set()

    def test_only_among_what_one_may_open(self, cast: Cast) -> None:
        assert not matching(Incident.objects.visible_to(cast.duty_manager, NOW), "money").exists()
        assert matching(Incident.objects.visible_to(cast.lead, NOW), "money").exists()

    def test_at_most_twelve_words(self) -> None:
        assert len(words_of("word " * 50)) == 12


class TestDrafts:
    def test_what_was_typed_comes_back(self, cast: Cast) -> None:
        typed = {"what_happened": ["She said “no” 🙂"], "occurred_on-day": ["31"]}
        assert drafts.save_draft(person=cast.worker, key="k", answers=typed, at=NOW)
        assert drafts.read_draft(person=cast.worker, key="k", at=NOW) == typed

    def test_the_newest_save_wins(self, cast: Cast) -> None:
        for text in ("one", "two"):
            drafts.save_draft(person=cast.worker, key="k", answers={"a": [text]}, at=NOW)
        assert drafts.read_draft(person=cast.worker, key="k", at=NOW) == {"a": ["two"]}
        assert len(drafts.drafts_of(person=cast.worker, at=NOW)) == 1

    def test_it_lies_encrypted_and_bound_to_its_writer(self, cast: Cast) -> None:
        drafts.save_draft(person=cast.worker, key="k", answers={"a": ["secret words"]}, at=NOW)
        draft = ReportDraft.objects.get()
        assert "secret" not in draft.answers_encrypted
        ReportDraft.objects.update(person=cast.colleague)
        with pytest.raises(encryption.CannotDecrypt):
            drafts.read_draft(person=cast.colleague, key="k", at=NOW)

    def test_nobody_else_reads_it(self, cast: Cast) -> None:
        drafts.save_draft(person=cast.worker, key="k", answers={"a": ["x"]}, at=NOW)
        assert drafts.read_draft(person=cast.colleague, key="k", at=NOW) is None
        assert drafts.drafts_of(person=cast.colleague, at=NOW) == []

    def test_it_goes_when_it_is_sent_or_after_a_fortnight(self, cast: Cast) -> None:
        drafts.save_draft(person=cast.worker, key="k", answers={"a": ["x"]}, at=NOW)
        drafts.save_draft(person=cast.worker, key="old", answers={"a": ["x"]}, at=NOW - timedelta(days=14))
        assert [d.key for d in drafts.drafts_of(person=cast.worker, at=NOW)] == ["k"]
        assert drafts.discard_old_drafts(at=NOW) == 1
        drafts.discard_draft(person=cast.worker, key="k")
        assert not ReportDraft.objects.exists()

    def test_what_is_far_too_long_is_refused(self, cast: Cast) -> None:
        assert not drafts.save_draft(person=cast.worker, key="k", answers={"a": ["x" * 500_000]}, at=NOW)


def test_the_list_is_newest_first(cast: Cast) -> None:
    first = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(days=1))
    second = an_incident(by=cast.worker, team=cast.north)
    assert list(newest_visible(cast.lead, NOW)) == [second, first]
