"""The page on which an incident is reported: who may, what odd answers become, what is kept (R6)."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents import drafts
from saferpractice.incidents.models import Incident, ReportDraft
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]
REPORT = "/report"
REPORTERS = ("worker", "duty_manager", "supervisor", "lead", "reviewer", "quality_lead", "director", "administrator")
READERS = ("commissioner", "inspector")


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    answers = {
        "submission_key": "form-1",
        "still_at_risk": "no",
        "what_happened": "Nobody answered the door.",
        "occurred_precision": "unknown",
        "team": str(cast.north.pk),
        "physical_harm": "none",
        "psychological_harm": "low",
    }
    return answers | changes


def shown(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


def exactly(
    day: int, month: int, year: int, clock: str, which: str = "", name: str = "occurred_exactly_at"
) -> dict[str, str]:
    parts = {"day": str(day), "month": str(month), "year": str(year), "time": clock, "which": which}
    return {f"{name}-{part}": value for part, value in parts.items()}


class TestWho:
    @pytest.mark.parametrize("name", REPORTERS)
    def test_everybody_who_works_here_reports_and_is_led_to_what_becomes_of_it(self, cast: Cast, name: str) -> None:
        client = signed_in(cast.people()[name])
        sent = client.post(REPORT, typed(cast))
        incident = Incident.objects.get()
        assert sent.url == reverse("home:my_report", args=[incident.pk])
        assert incident.reporter == cast.people()[name]
        assert "Nobody answered the door." in shown(client.get(sent.url))

    @pytest.mark.parametrize("name", READERS)
    def test_for_those_who_only_read_it_is_not_there(self, cast: Cast, name: str) -> None:
        client = signed_in(cast.people()[name])
        assert client.get(REPORT).status_code == 404
        assert client.post(REPORT, typed(cast)).status_code == 404
        assert client.post(f"{REPORT}/drafts/k", typed(cast)).status_code == 404
        assert not Incident.objects.exists()
        assert not ReportDraft.objects.exists()

    def test_a_team_of_another_provider_is_no_choice(self, cast: Cast) -> None:
        page = shown(signed_in(cast.stranger).post(REPORT, typed(cast)))
        assert "Choose the team it happened in" in page or "Select" in page
        assert not Incident.objects.exists()


class TestWhen:
    @pytest.mark.parametrize(
        ("answers", "moment"),
        [
            (exactly(29, 2, 2024, "14:30"), datetime(2024, 2, 29, 14, 30, tzinfo=UTC)),
            (exactly(4, 3, 2026, "2:05am"), NOW),
            (exactly(1, 7, 2025, "00:30"), datetime(2025, 6, 30, 23, 30, tzinfo=UTC)),
            (exactly(26, 10, 2025, "1:30", "first"), datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
            (exactly(26, 10, 2025, "1:30", "second"), datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
            (exactly(30, 3, 2025, "2:30"), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
        ],
    )
    def test_a_time_is_a_time_in_london(self, cast: Cast, answers: dict[str, str], moment: datetime) -> None:
        signed_in(cast.worker).post(REPORT, typed(cast, occurred_precision="exact", **answers))
        incident = Incident.objects.get()
        assert (incident.occurred_at, incident.occurred_precision) == (moment, "exact")

    @pytest.mark.parametrize(
        ("answers", "words"),
        [
            (exactly(29, 2, 2025, "14:30"), "must be a real date"),
            (exactly(30, 3, 2025, "1:30"), "did not happen"),
            (exactly(26, 10, 2025, "1:30"), "happened twice"),
            (exactly(4, 3, 2026, "2:06"), "must be in the past"),
            (exactly(5, 3, 2026, "2:00"), "must be in the past"),
            (exactly(4, 3, 2026, "25:00"), "time"),
            (exactly(4, 3, 2026, ""), "must include a time"),
        ],
    )
    def test_one_that_cannot_be_is_asked_again_with_everything_kept(
        self, cast: Cast, answers: dict[str, str], words: str
    ) -> None:
        page = shown(signed_in(cast.worker).post(REPORT, typed(cast, occurred_precision="exact", **answers)))
        assert words in page
        assert 'id="id_occurred_exactly_at-error"' in page
        assert "Nobody answered the door." in page
        assert not Incident.objects.exists()

    def test_about_and_day_and_unknown_are_answers(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        about = exactly(2, 3, 2026, "11pm", name="occurred_about_at")
        client.post(REPORT, typed(cast, submission_key="a", occurred_precision="about", **about))
        day = {"occurred_on-day": "1", "occurred_on-month": "7", "occurred_on-year": "2025"}
        client.post(REPORT, typed(cast, submission_key="b", occurred_precision="day", **day))
        client.post(REPORT, typed(cast, submission_key="c"))
        found = dict(Incident.objects.values_list("occurred_precision", "occurred_at"))
        assert found == {
            "about": datetime(2026, 3, 2, 23, tzinfo=UTC),
            "day": datetime(2025, 6, 30, 23, tzinfo=UTC),
            "unknown": None,
        }
        pages = [
            shown(signed_in(cast.lead).get(f"/incidents/{one.pk}")) for one in Incident.objects.order_by("reference")
        ]
        for words, page in zip(
            ("About Monday 2 March 2026, 11pm", "Tuesday 1 July 2025", "Not known"), pages, strict=True
        ):
            assert words in page

    def test_what_was_typed_under_another_choice_is_not_taken(self, cast: Cast) -> None:
        answers = exactly(5, 3, 2030, "2:00")
        signed_in(cast.worker).post(REPORT, typed(cast, **answers))
        assert Incident.objects.get().occurred_at is None


WORDS = {
    "emoji and another script": "She said 🙂 «все хорошо» 你好",
    "ten thousand characters": "A long night. " * 715,
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} &amp; </textarea>",
    "quotes and lines": "He said “no”.\n\nThen: 'yes' \"maybe\"",
    "a formula": '=HYPERLINK("https://example.org")',
    "right to left": "abc \u202egnorw\u202c",
}


class TestWhatHappened:
    @pytest.mark.parametrize("name", WORDS)
    def test_any_words_are_kept_and_shown_as_words(self, cast: Cast, name: str) -> None:
        client = signed_in(cast.worker)
        client.post(REPORT, typed(cast, what_happened=WORDS[name], done_at_once=WORDS[name]))
        incident = Incident.objects.get()
        assert incident.what_happened == WORDS[name].strip()
        for person, address in ((cast.worker, f"/reports/{incident.pk}"), (cast.lead, f"/incidents/{incident.pk}")):
            page = shown(signed_in(person).get(address))
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            first = html.escape(WORDS[name].strip().split("\n")[0][:40], quote=False)
            assert first in page.replace("&#34;", '"').replace("&#39;", "'")

    def test_nul_and_control_characters_are_dropped_and_nothing_fails(self, cast: Cast) -> None:
        signed_in(cast.worker).post(
            REPORT, typed(cast, what_happened="Be\x00fore\x07 after", person_reference="P-\x001", person_name="A\x00B")
        )
        incident = Incident.objects.get()
        assert incident.what_happened == "Before after"
        assert incident.person_supported is not None
        assert incident.person_supported.reference == "P-1"

    def test_fifty_thousand_and_one_is_refused_and_kept_on_the_page(self, cast: Cast) -> None:
        page = shown(signed_in(cast.worker).post(REPORT, typed(cast, what_happened="x" * 50_001)))
        assert 'id="id_what_happened-error"' in page
        assert "x" * 50_001 in page
        assert not Incident.objects.exists()

    @pytest.mark.parametrize(
        "name", ["still_at_risk", "what_happened", "occurred_precision", "team", "physical_harm", "psychological_harm"]
    )
    def test_each_needed_answer_is_asked_for_beside_its_field(self, cast: Cast, name: str) -> None:
        page = shown(signed_in(cast.worker).post(REPORT, typed(cast, **{name: ""})))
        assert f'id="id_{name}-error"' in page
        assert page.count("nhsuk-error-message") == 1
        assert not Incident.objects.exists()

    def test_nothing_else_is_asked(self, cast: Cast) -> None:
        """The fewest questions: only these are needed, and whatever is new must earn its place here."""
        page = shown(signed_in(cast.worker).post(REPORT, {"submission_key": "k"}))
        assert set(re.findall(r'id="id_(\w+)-error"', page)) == {
            "still_at_risk",
            "what_happened",
            "occurred_precision",
            "team",
            "physical_harm",
            "psychological_harm",
        } - ({"team"} if "team" not in page else set())


class TestStillAtRisk:
    @pytest.mark.parametrize(("answer", "told"), [("yes", True), ("unknown", True), ("no", False)])
    def test_reaches_the_duty_managers_list_and_post_at_once(self, cast: Cast, answer: str, told: bool) -> None:
        signed_in(cast.worker).post(REPORT, typed(cast, still_at_risk=answer, risk_words="Her sister"))
        asked = Obligation.objects.get()
        assert asked.urgent is told
        assert asked.due_at == (NOW + timedelta(hours=1) if told else datetime(2026, 3, 5, tzinfo=UTC))
        assert [message.to for message in OutboxMessage.objects.all()] == ([cast.duty_manager] if told else [])
        page = shown(signed_in(cast.duty_manager).get("/work"))
        assert ("Somebody may still be at risk" in page) is told
        assert "Her sister" not in page
        assert "Somebody may still be at risk" not in shown(signed_in(cast.duty_manager_elsewhere).get("/work"))


class TestSentTwice:
    def test_gives_one_incident_and_leads_to_it(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        first, again = (client.post(REPORT, typed(cast)) for _ in range(2))
        assert first.url == again.url
        assert Incident.objects.count() == 1

    def test_with_other_words_it_says_which_one_was_sent(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        client.post(REPORT, typed(cast))
        page = shown(client.post(REPORT, typed(cast, what_happened="Something else.")), status=409)
        assert Incident.objects.get().reference in page
        assert "Something else." in page


class TestDrafts:
    def test_is_kept_as_typed_and_gone_when_sent(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        saved = client.post(f"{REPORT}/drafts/form-1", typed(cast, what_happened="Half a sent"))
        assert saved.json() == {"saved_at": "2:05am"}
        assert "Go on with the report" in shown(client.get("/work"))
        assert "Half a sent" in shown(client.get(f"{REPORT}?draft=form-1"))
        client.post(REPORT, typed(cast))
        assert not ReportDraft.objects.exists()

    def test_a_save_that_comes_after_sending_is_no_unsent_report(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        client.post(REPORT, typed(cast))
        client.post(f"{REPORT}/drafts/form-1", typed(cast))
        assert "Reports you have not sent" not in shown(client.get("/work"))
        assert "no longer kept here" in shown(client.get(f"{REPORT}?draft=form-1"))
        assert drafts.read_draft(person=cast.worker, key="form-1", at=NOW) is None

    def test_two_tabs_keep_two_reports(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        keys = {key for _ in range(2) for key in re.findall(r"/report/drafts/(\w+)", shown(client.get(REPORT)))}
        assert len(keys) == 2
        for key in keys:
            client.post(f"{REPORT}/drafts/{key}", typed(cast, what_happened=f"Words of {key}"))
        for key in keys:
            assert f"Words of {key}" in shown(client.get(f"{REPORT}?draft={key}"))

    def test_another_persons_key_shows_an_empty_form(self, cast: Cast) -> None:
        signed_in(cast.worker).post(f"{REPORT}/drafts/form-1", typed(cast, what_happened="Between us"))
        client = signed_in(cast.colleague)
        assert "Between us" not in shown(client.get(f"{REPORT}?draft=form-1"))
        client.post(f"{REPORT}/drafts/form-1", typed(cast, what_happened="Mine"))
        client.post(f"{REPORT}/drafts/form-1/discard")
        kept = drafts.read_draft(person=cast.worker, key="form-1", at=NOW)
        assert kept is not None
        assert kept["what_happened"] == ["Between us"]

    def test_after_a_fortnight_it_is_gone_and_the_page_says_so(self, cast: Cast, the_clock: TestClock) -> None:
        client = signed_in(cast.worker)
        client.post(f"{REPORT}/drafts/form-1", typed(cast, what_happened="Half a sent"))
        the_clock.stand_at(NOW + timedelta(days=14))
        page = shown(client.get(f"{REPORT}?draft=form-1"))
        assert "no longer kept here" in page
        assert "Half a sent" not in page

    def test_one_whose_secret_is_gone_does_not_break_the_page(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = signed_in(cast.worker)
        client.post(f"{REPORT}/drafts/form-1", typed(cast))

        def gone(*_: object) -> str:
            raise encryption.CannotDecrypt("The secret is gone.")

        monkeypatch.setattr(encryption, "decrypt", gone)
        assert "no longer kept here" in shown(client.get(f"{REPORT}?draft=form-1"))

    def test_later_without_javascript_keeps_even_what_is_half_answered(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        kept = client.post(REPORT, {"submission_key": "form-1", "what_happened": "Half", "later": "1"})
        assert kept.url == "/work"
        assert "Half" in shown(client.get(f"{REPORT}?draft=form-1"))
        assert not Incident.objects.exists()

    def test_what_is_too_long_to_keep_is_not_said_to_be_kept(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        long = "x" * 400_001
        assert client.post(f"{REPORT}/drafts/form-1", typed(cast, what_happened=long)).status_code == 413
        page = shown(client.post(REPORT, typed(cast, what_happened=long, later="1")))
        assert "too long to keep unsent" in page
        assert "saved and not sent yet" not in page
        assert long in page
        assert not ReportDraft.objects.exists()


class TestWhatBecameOfIt:
    def test_a_withdrawn_report_says_so_to_its_reporter(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        lead = signed_in(cast.lead)
        assert "Say why it should not stand" in shown(lead.post(f"/incidents/{incident.pk}/withdrawal", {"reason": ""}))
        done = lead.post(f"/incidents/{incident.pk}/withdrawal", {"reason": "Told twice, and Dale is to blame"})
        assert done.url == "/incidents"
        worker = signed_in(cast.worker)
        assert incident.reference in shown(worker.get("/work"))
        page = shown(worker.get(f"/reports/{incident.pk}"))
        assert "It was withdrawn on Wednesday 4 March 2026, 2:05am" in page
        assert "Dale is to blame" not in page
        assert "Correct or add" not in page
        assert worker.get(f"/incidents/{incident.pk}/correction").status_code == 404
        assert lead.get(f"/incidents/{incident.pk}").status_code == 404

    @pytest.mark.parametrize(
        "name", ["worker", "duty_manager", "supervisor", "quality_lead", "stranger", "administrator"]
    )
    def test_only_a_lead_or_director_withdraws(self, cast: Cast, name: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        client = signed_in(cast.people()[name])
        assert client.post(f"/incidents/{incident.pk}/withdrawal", {"reason": "x"}).status_code == 404
        assert Incident.objects.standing().filter(pk=incident.pk).exists()

    def test_gradings_and_corrections_are_shown_in_words(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        client = signed_in(cast.lead)
        client.post(
            f"/incidents/{incident.pk}/harm",
            {"physical_harm": "moderate", "psychological_harm": "severe", "reason": "Seen by a doctor"},
        )
        client.post(f"/incidents/{incident.pk}/correction", {"part": "where", "text": "The annexe", "reason": "Log"})
        page = " ".join(shown(client.get(f"/incidents/{incident.pk}")).split())
        assert "physical harm no physical harm, psychological harm low" in page.lower()
        assert "Lark Penrose: where it happened" in page
        assert "Seen by a doctor" in page


@pytest.mark.requirement("R34")
class TestTheName:
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("duty_manager", 200),
            ("lead", 200),
            ("director", 200),
            ("supervisor", 404),
            ("quality_lead", 404),
            ("worker", 404),
            ("colleague", 404),
            ("reviewer", 404),
            ("duty_manager_elsewhere", 404),
            ("administrator", 404),
            ("inspector", 404),
            ("stranger", 404),
        ],
    )
    def test_is_seen_by_whoever_must_act_and_the_look_is_recorded(self, cast: Cast, name: str, status: int) -> None:
        from saferpractice.access.models import AccessEntry

        incident = an_incident(by=cast.worker, team=cast.north, person_name="Invented Person")
        client = signed_in(cast.people()[name])
        response = client.get(f"/incidents/{incident.pk}/name")
        assert response.status_code == status
        assert ("Invented Person" in response.content.decode()) is (status == 200)
        assert AccessEntry.objects.filter(page="name of the person", story_id=incident.pk).exists() is (
            status == 200 or name in {"supervisor", "quality_lead"}
        )
        whole = client.get(f"/incidents/{incident.pk}").content.decode()
        assert "Invented Person" not in whole
        assert ("See the name of the person" in whole) is (status == 200)

    def test_none_given_is_said(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, person_reference="")
        assert "No name was given" in shown(signed_in(cast.lead).get(f"/incidents/{incident.pk}/name"))
