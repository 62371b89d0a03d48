"""Pages of the dated lists: what they show, to whom, and that every mistake stands beside its field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.lists.forms import FORMS
from saferpractice.lists.models import ListEntry
from saferpractice.lists.queries import choices, every_list, shipped
from saferpractice.lists.rules import entry_from_data
from saferpractice.lists.rules.own import london_day
from tests.conftest import TestClock
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14", "R36")]

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
TODAY = london_day(NOW)
COMMON = {"label": "Ours", "hint": "", "source.title": "quality meeting of 1 December 2026", "valid_from": "2026-12-01"}
SENT: dict[str, dict[str, Any]] = {
    "themes": {},
    "agency-kinds": {},
    "characteristics": {"detail.of": "sex"},
    "lawful-bases": {},
    "locations": {},
    "funding-sources": {"detail.nhs_funded": "unknown"},
    "rollout-proof-kinds": {
        "detail.counts_people": "yes",
        "detail.needs_file": "no",
        "detail.compares_versions": "no",
    },
    "system-conditions": {
        "detail.ask": "Who was there to be asked?",
        "detail.seips": "tasks",
        "detail.yorkshire": "task-characteristics",
        "detail.sar_domain": "direct-practice",
    },
    "change-types": {"detail.hierarchy": "training", "detail.example": "The form asks once more."},
    "review-methods": {
        "detail.tiers": ["A", "B"],
        "detail.suits": "A near miss",
        "detail.how_long": "An hour",
        "detail.questions": "What happened?\n\nWhy?",
    },
    "required-documents": {
        "detail.tiers": ["B"],
        "detail.due_working_days.B": "10",
        "detail.supplied_by": "answers",
        "detail.questions": "What was known?\nWho knew it?",
    },
    "duties": {
        "detail.kind": "partner",
        "detail.body": "Our housing partner",
        "detail.trigger": "The tenancy is at risk.",
        "detail.paragraph": "Our agreement of 2026",
        "detail.clocks": "within two working days",
        "time": "working_days",
        "amount": "2",
        "detail.applies_to.health_service_body": "any",
        "detail.applies_to.secure_unit": "any",
        "detail.applies_to.nhs_funded": "yes",
    },
}
EDITABLE = [listed.list_code for listed in every_list() if listed.editable_by_provider and not listed.replaced_only]
FIXED = [listed.list_code for listed in every_list() if not listed.editable_by_provider]


@pytest.fixture(autouse=True)
def _a_tuesday(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(cast: Cast, name: str = "quality_lead") -> Client:
    client = Client()
    client.force_login(cast.people()[name])
    return client


def text_of(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestReading:
    @pytest.mark.parametrize("listed", every_list(), ids=lambda listed: listed.list_code)
    def test_every_list_and_entry_has_its_page(self, cast: Cast, listed: Any) -> None:
        client = signed_in(cast)
        page = text_of(client.get(reverse("lists:one", args=[listed.list_code])))
        assert "the law wins" in page
        for entry in listed.entries:
            address = reverse("lists:entry", args=[listed.list_code, entry.code])
            if entry.holds(TODAY):
                assert f'href="{address}"' in page
            shown = text_of(client.get(address))
            assert "Checked on" in shown
            assert "From" in shown

    def test_the_first_page_lists_them_all(self, cast: Cast) -> None:
        page = text_of(signed_in(cast).get(reverse("lists:index")))
        assert all(reverse("lists:one", args=[listed.list_code]) in page for listed in every_list())

    def test_what_nobody_looked_up_says_so(self, cast: Cast) -> None:
        client = signed_in(cast)
        assert "Not looked up" in text_of(client.get(reverse("lists:entry", args=["duties", "marac"])))
        assert "Not looked up" not in text_of(client.get(reverse("lists:entry", args=["duties", "cqc-18-abuse"])))

    def test_a_list_stands_as_it_did_on_another_day(self, cast: Cast) -> None:
        page = text_of(signed_in(cast).get(reverse("lists:one", args=["duties"]), {"on": "2014-06-01"}))
        assert "As the list stands on 1 June 2014" in page
        assert "Police" not in page
        assert "CQC, abuse or an allegation of abuse" in page

    @pytest.mark.parametrize("query", ["?on=x", "?on-day=40&on-month=2&on-year=2026", "?every=x"])
    def test_an_odd_address_is_no_error(self, cast: Cast, query: str) -> None:
        assert "Self-neglect" in text_of(signed_in(cast).get(reverse("lists:one", args=["themes"]) + query))

    @pytest.mark.parametrize("address", ["/lists/nothing", "/lists/themes/entries/nothing", "/lists/..%2Fthemes"])
    def test_what_is_not_there(self, cast: Cast, address: str) -> None:
        assert signed_in(cast).get(address).status_code == 404

    @pytest.mark.parametrize("name", ["quality_lead", "lead", "administrator", "worker", "director", "inspector"])
    def test_only_those_who_keep_them_have_the_link(self, cast: Cast, name: str) -> None:
        page = text_of(signed_in(cast, name).get(reverse("home:my_work")))
        assert (f'href="{reverse("lists:index")}"' in page) == (name in {"quality_lead", "lead", "administrator"})


class TestAdding:
    def test_each_list_that_can_be_kept_is_tried_here(self) -> None:
        assert sorted(SENT) == sorted(EDITABLE)

    @pytest.mark.parametrize("list_code", EDITABLE)
    def test_an_entry_is_added_to_each_list(self, cast: Cast, list_code: str) -> None:
        client = signed_in(cast)
        address = reverse("lists:add", args=[list_code])
        assert "Add this entry" in text_of(client.get(address))
        response = client.post(address, COMMON | SENT[list_code])
        assert response.status_code == 302, problems(response)
        made = ListEntry.objects.get()
        assert made.code == "ours"
        entry_from_data(
            list_code,
            {
                "code": made.code,
                "label": made.label,
                "detail": made.detail,
                "source": {"title": made.source},
                "checked_on": TODAY,
                "valid_from": made.valid_from,
            },
        )
        assert "Your own" in text_of(client.get(response.headers["Location"]))
        assert "Ours" in text_of(client.get(reverse("lists:one", args=[list_code])))

    @pytest.mark.parametrize("list_code", EDITABLE)
    def test_nothing_sent_is_said_field_by_field(self, cast: Cast, list_code: str) -> None:
        page = text_of(signed_in(cast).post(reverse("lists:add", args=[list_code]), {"label": ""}))
        assert "Enter name" in page
        assert "Enter where this comes from" in page
        assert "This field is required" not in page
        assert not ListEntry.objects.exists()

    @pytest.mark.parametrize(
        ("list_code", "changes", "field", "sentence"),
        [
            ("themes", {"label": "Self-Neglect"}, "label", "Another entry already has this name"),
            ("themes", {"source.url": "www.example.org"}, "source.url", "beginning with https://"),
            ("themes", {"valid_from": "2026-11-30"}, "valid_from", "must be today or in the future"),
            ("duties", {"amount": ""}, "amount", "Enter how many"),
            ("duties", {"detail.link": "example.org"}, "detail.link", "beginning with https://"),
            ("review-methods", {"detail.tiers": []}, "detail.tiers", "Choose at least one tier"),
            ("required-documents", {"detail.questions": " "}, "detail.questions", "Enter at least one question"),
            ("system-conditions", {"detail.seips": "x"}, "detail.seips", ""),
        ],
    )
    def test_a_mistake_stands_beside_its_field_and_what_was_typed_stays(
        self, cast: Cast, list_code: str, changes: dict[str, Any], field: str, sentence: str
    ) -> None:
        sent = COMMON | SENT[list_code] | changes
        page = text_of(signed_in(cast).post(reverse("lists:add", args=[list_code]), sent))
        assert "There is a problem" in page
        summary = page.split("There is a problem")[1].split("</ul>")[0]
        assert f'href="#id_{field}' in summary
        assert sentence in summary
        assert 'value="quality meeting of 1 December 2026"' in page
        assert not ListEntry.objects.exists()

    def test_the_same_name_twice_gets_a_code_of_its_own(self, cast: Cast) -> None:
        client = signed_in(cast)
        client.post(reverse("lists:add", args=["themes"]), COMMON | {"label": "Other!"})
        assert ListEntry.objects.get().code == "other-2"


class TestReplacing:
    @pytest.mark.parametrize("list_code", EDITABLE)
    def test_each_shipped_entry_can_be_sent_back_as_it_is(self, cast: Cast, list_code: str) -> None:
        """The form says everything the entry holds: sent back unchanged, nothing is lost."""
        client = signed_in(cast)
        for entry in shipped(list_code).entries:
            address = reverse("lists:replace", args=[list_code, entry.code])
            page = text_of(client.get(address))
            form = filled(page) | {"source.title": "our own decision"}
            if list_code == "duties" and entry.code in {"professional-regulator", "caldicott-guardian"}:
                assert form["time"] == "none"
            response = client.post(address, form)
            assert response.status_code == 302, (entry.code, problems(response))
            made = ListEntry.objects.get(code=entry.code)
            assert without_defaults(made.detail) == without_defaults(entry.detail)
            assert made.hint.split() == entry.hint.split()

    def test_the_replacement_is_offered_and_the_shipped_one_stays_on_record(self, cast: Cast) -> None:
        client = signed_in(cast)
        client.post(reverse("lists:replace", args=["themes", "other"]), COMMON | {"label": "None of these"})
        offered = {c.code: c.label for c in choices("themes", provider_id=cast.provider.pk, on=TODAY)}
        assert offered["other"] == "None of these"
        page = text_of(client.get(reverse("lists:entry", args=["themes", "other"])))
        assert "What has stood for it" in page
        assert "Something else" in page

    def test_where_it_is_law_the_form_does_not_ask_for_the_paragraph(self, cast: Cast) -> None:
        page = text_of(signed_in(cast).get(reverse("lists:replace", args=["duties", "cqc-18-abuse"])))
        assert "stay as they ship" in page
        assert 'name="detail.paragraph"' not in page


class TestEnding:
    def test_it_is_ended_from_its_page(self, cast: Cast) -> None:
        client = signed_in(cast)
        address = reverse("lists:end", args=["themes", "other"])
        assert address in text_of(client.get(reverse("lists:entry", args=["themes", "other"])))
        sent = {"last_day": "2026-12-01", "reason": "Nobody here has used it for a year."}
        assert "no longer offered" in text_of(client.get(address))
        assert client.post(address, sent).status_code == 302
        tomorrow = choices("themes", provider_id=cast.provider.pk, on=TODAY + timedelta(days=1))
        assert "other" not in {choice.code for choice in tomorrow}

    def test_a_reason_that_is_none_is_said(self, cast: Cast) -> None:
        page = text_of(
            signed_in(cast).post(
                reverse("lists:end", args=["themes", "other"]), {"last_day": "2026-12-01", "reason": "n/a"}
            )
        )
        assert "does not tell a later reader anything" in page

    def test_what_is_law_says_why_it_cannot(self, cast: Cast) -> None:
        page = text_of(signed_in(cast).get(reverse("lists:entry", args=["duties", "cqc-18-abuse"])))
        assert "it cannot be taken off" in page
        assert reverse("lists:end", args=["duties", "cqc-18-abuse"]) not in page


class TestListsForEverybody:
    @pytest.mark.parametrize("list_code", FIXED)
    def test_they_are_shown_and_cannot_be_kept(self, cast: Cast, list_code: str) -> None:
        client = signed_in(cast)
        assert "the same for everybody" in text_of(client.get(reverse("lists:one", args=[list_code])))
        code = shipped(list_code).entries[0].code
        for name, args in (("add", []), ("replace", [code]), ("end", [code])):
            assert client.get(reverse(f"lists:{name}", args=[list_code, *args])).status_code == 404
            assert client.post(reverse(f"lists:{name}", args=[list_code, *args]), COMMON).status_code == 404
        assert not ListEntry.objects.exists()


def test_every_list_with_further_facts_has_a_form() -> None:
    for list_code in EDITABLE:
        has_facts = any(entry.detail for entry in shipped(list_code).entries)
        assert (list_code in FORMS) == has_facts


def problems(response: HttpResponse) -> list[str]:
    return re.findall(r'<a href="#id_[^"]*">([^<]*)', response.content.decode())


def filled(page: str) -> dict[str, Any]:
    """What a browser would send back from the page's form, unchanged."""
    import html

    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        given = {key: html.unescape(value) for key, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name or name == "csrfmiddlewaretoken":
            continue
        if kind in {"radio", "checkbox"}:
            if re.search(r"\schecked\b", tag):
                sent.setdefault(name, []).append(given.get("value", "on"))
        else:
            sent[name] = given.get("value", "")
    for name, text in re.findall(r'<textarea\b[^>]*\bname="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        sent[name] = html.unescape(text)
    for name, inside in re.findall(r'<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\sselected', inside)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    return sent


def without_defaults(value: Any) -> Any:
    """What is the same as nothing said: an empty list, no value, a question that is required."""
    if isinstance(value, dict):
        kept = {key: without_defaults(item) for key, item in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, [], {}, "") and not (k == "required" and v is True)}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value
