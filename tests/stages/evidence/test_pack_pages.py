"""The pages of evidence packs, by whoever makes and reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.evidence.models import EvidencePack, PackBuilding, TextConfirmation
from saferpractice.evidence.operations import carry_on_packs, withdraw_pack
from saferpractice.evidence.queries.packs import texts_of
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.incidents.models import Incident
from tests.factories.incidents import an_incident
from tests.factories.packs_made import PACKED_AT, PERSON, TOLD, a_whole_case, asked, built, bytes_of, confirmed
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(PACKED_AT)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, at=NOW, person_reference="P-1", what_happened=TOLD)


def page_of(pack: EvidencePack, name: str = "pack", *more: Any) -> str:
    return reverse(f"evidence:{name}", args=[pack.pk, *more])


def a_form(cast: Cast, **changes: Any) -> dict[str, Any]:
    """The form of an inspection as the quality lead fills it in."""
    answers = {
        "period_from": "2026-01-01",
        "period_to": "2026-06-30",
        "services": [str(cast.riverside.pk)],
        "disclosure": "inspector",
        "submission_key": "a-key",
    }
    return answers | changes


NEW = ["evidence:new_pack_of", "inspection"]


def send(client: Client, subject: str, form: dict[str, Any]) -> Any:
    return client.post(reverse("evidence:new_pack_of", args=[subject]), form)


class TestAsking:
    def test_an_inspection_is_asked_for_and_waits_for_its_texts(self, cast: Cast, incident: Incident) -> None:
        client = signed_in(cast.quality_lead)
        sent = send(client, "inspection", a_form(cast))
        pack = EvidencePack.objects.get()
        assert sent.url == page_of(pack)
        assert pack.about == "Riverside community service; 1 January 2026 to 30 June 2026"
        shown = words(client.get(sent.url))
        assert "Texts to confirm" in shown
        assert "Look through the texts" in shown
        assert not PackBuilding.objects.exists()

    def test_one_that_stays_inside_is_built_without_more_ado(self, cast: Cast, incident: Incident) -> None:
        client = signed_in(cast.quality_lead)
        sent = send(client, "inspection", a_form(cast, disclosure="full"))
        assert "Being built" in words(client.get(sent.url))
        assert carry_on_packs(at=PACKED_AT) == 1
        shown = words(client.get(sent.url))
        assert "Ready" in shown
        assert "This pack must not leave the service" in shown

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"services": []}, "Choose at least one service"),
            ({"disclosure": ""}, "Choose who will read it"),
            ({"disclosure": "everybody"}, "Select a valid choice"),
            ({"disclosure": "commissioner"}, "No quarter of this time was published"),
            ({"period_to": "2025-12-31"}, "Enter a day on or after the first"),
            ({"period_from": "2023-01-01"}, "Choose at most two years"),
            ({"period_to": "2026-11-03"}, "The last day must be today or in the past"),
            ({"disclosure": "inspector_named"}, "Enter the law that allows it"),
            ({"disclosure": "inspector_named", "identity_basis": "An Act"}, "Enter why they must know"),
        ],
    )
    def test_what_cannot_be_a_pack_is_said_and_nothing_is_kept(
        self, cast: Cast, changes: dict[str, Any], sentence: str
    ) -> None:
        shown = words(send(signed_in(cast.quality_lead), "inspection", a_form(cast, **changes)))
        assert "There is a problem" in shown
        assert sentence in shown
        assert not EvidencePack.objects.exists()

    @pytest.mark.parametrize("subject", ["incident", "learning"])
    def test_of_one_incident_by_its_reference(self, cast: Cast, incident: Incident, subject: str) -> None:
        form = {"reference": f" {incident.reference} ", "disclosure": "full", "submission_key": "k"}
        send(signed_in(cast.quality_lead), subject, form)
        pack = EvidencePack.objects.get()
        assert (pack.incident, pack.subject, pack.about) == (incident, subject, incident.reference)
        assert list(pack.services.all()) == [cast.riverside]

    def test_of_an_incident_that_they_may_not_open(self, cast: Cast) -> None:
        hidden = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="About a colleague")
        form = {"reference": hidden.reference, "disclosure": "full", "submission_key": "k"}
        shown = words(send(signed_in(cast.quality_lead), "incident", form))
        assert "Enter the reference of an incident that you may open" in shown
        assert not EvidencePack.objects.exists()

    def test_of_a_theme_and_of_a_quarter(self, cast: Cast, incident: Incident) -> None:
        client = signed_in(cast.quality_lead)
        send(client, "theme", a_form(cast, theme=incident.themes[0], submission_key="theme"))
        services = {"services": [str(cast.riverside.pk)], "disclosure": "full", "submission_key": "quarter"}
        send(client, "quarter", services | {"quarter": "2025-4"})
        theme, quarter = EvidencePack.objects.order_by("decided_at", "pk")
        assert theme.theme == incident.themes[0]
        assert (str(quarter.period_from), str(quarter.period_to)) == ("2026-01-01", "2026-03-31")

    def test_the_same_form_twice_is_one_pack(self, cast: Cast) -> None:
        client = signed_in(cast.quality_lead)
        first, again = (send(client, "inspection", a_form(cast)) for _ in range(2))
        assert first.url == again.url
        other = send(client, "inspection", a_form(cast, period_from="2026-02-01"))
        assert other.status_code == 409
        assert EvidencePack.objects.count() == 1

    def test_only_services_one_leads_can_be_chosen(self, cast: Cast) -> None:
        shown = words(signed_in(cast.quality_lead).get(reverse(*[NEW[0]], args=[NEW[1]])))
        assert "Riverside community service" in shown
        sent = send(signed_in(cast.stranger), "inspection", a_form(cast))
        assert "There is a problem" in words(sent)
        assert not EvidencePack.objects.exists()

    def test_a_kind_of_pack_that_does_not_exist(self, cast: Cast) -> None:
        assert signed_in(cast.quality_lead).get(reverse("evidence:new_pack_of", args=["everything"])).status_code == 404


def of_report(cast: Cast, **report: Any) -> EvidencePack:
    """A pack for an inspector of one incident, as it was just reported."""
    incident = an_incident(by=cast.worker, team=cast.north, at=NOW, **({"done_at_once": ""} | report))
    return asked(cast, subject=Subject.INCIDENT, incident=incident)


def texts_page(pack: EvidencePack, **query: Any) -> str:
    return page_of(pack, "pack_texts") + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def answers(pack: EvidencePack, by: Person, **of: Any) -> dict[str, Any]:
    """The page of texts filled in: every text as shown, but for what ``of`` says of texts that hold a word."""
    form: dict[str, Any] = {"text": []}
    for text in texts_of(pack, by, PACKED_AT):
        prefix = text.said.key[:16]
        form["text"].append(text.said.key)
        choice, other = next((chosen for word, chosen in of.items() if word in text.said.text), ("masked", ""))
        form |= {f"{prefix}-choice": choice, f"{prefix}-words": other}
    return form


@pytest.mark.requirement("R34")
class TestTexts:
    def test_each_text_is_shown_with_what_was_found_in_it(self, cast: Cast, incident: Incident) -> None:
        pack = asked(cast)
        page = signed_in(cast.quality_lead).get(texts_page(pack, show="all")).content.decode()
        as_shown, as_typed = page.split("As it was typed")
        for mask in ("name", "phone number", "NHS number", "postcode", "e-mail"):
            assert f"<mark>[{mask} removed]</mark>" in as_shown
        assert "0113 496 0000" not in as_shown
        assert "0113 496 0000" in as_typed, "they can look at what was typed"

    def test_what_was_found_needs_a_choice_and_what_was_not_is_ready(self, cast: Cast) -> None:
        pack = of_report(cast, what_happened=TOLD, done_at_once="We stayed.")
        of_told, of_stayed = (
            next(one for one in texts_of(pack, cast.quality_lead, PACKED_AT) if word in one.said.text)
            for word in ("0113", "We stayed.")
        )
        page = signed_in(cast.quality_lead).get(texts_page(pack)).content.decode()

        def chosen(key: str) -> bool:
            part = page.split(f'name="text" value="{key}"')[1].split("</section>")[0]
            return "checked" in part

        assert not chosen(of_told.said.key)
        assert chosen(of_stayed.said.key)

    def test_confirmed_as_shown_left_out_or_in_other_words(self, cast: Cast) -> None:
        pack = of_report(cast, what_happened=TOLD, done_at_once="We stayed.", also_known="A dog.")
        form = answers(pack, cast.quality_lead, stayed=("edited", "Staff stayed."), dog=("left_out", ""))
        sent = signed_in(cast.quality_lead).post(texts_page(pack), form)
        assert sent.status_code == 302
        kept = {(row.choice, row.words) for row in TextConfirmation.objects.all()}
        assert ("edited", "Staff stayed.") in kept
        assert ("left_out", "") in kept
        assert all(row.decided_by == cast.quality_lead for row in TextConfirmation.objects.all())

    def test_other_words_that_tell_who_are_refused_beside_their_field(self, cast: Cast) -> None:
        pack = of_report(cast, what_happened="We stayed.")
        form = answers(pack, cast.quality_lead, stayed=("edited", "Wren Ashdown stayed, 0113 496 0000."))
        shown = signed_in(cast.quality_lead).post(texts_page(pack), form)
        assert shown.status_code == 200
        said = words(shown)
        assert "This could still tell who somebody is: name, phone number" in said
        assert "Wren Ashdown stayed, 0113 496 0000." in said, "what was typed is kept"
        assert not TextConfirmation.objects.exists()

    def test_no_choice_is_an_error_and_nothing_is_kept(self, cast: Cast, incident: Incident) -> None:
        pack = asked(cast)
        form = answers(pack, cast.quality_lead, found=("", ""))
        shown = words(signed_in(cast.quality_lead).post(texts_page(pack), form))
        assert "Choose what goes outside" in shown
        assert not TextConfirmation.objects.exists()

    def test_only_what_was_on_the_page_is_confirmed(self, cast: Cast) -> None:
        pack = of_report(cast, what_happened="We stayed.", done_at_once="We rang.")
        form = answers(pack, cast.quality_lead)
        shown = form["text"][:1]
        signed_in(cast.quality_lead).post(texts_page(pack), form | {"text": shown})
        assert set(TextConfirmation.objects.values_list("key", flat=True)) == set(shown)

    def test_once_all_are_confirmed_it_can_be_built(self, cast: Cast, incident: Incident) -> None:
        pack = confirmed(asked(cast))
        client = signed_in(cast.quality_lead)
        assert "Every text is confirmed" in words(client.get(page_of(pack)))
        assert client.post(page_of(pack, "build_pack")).url == page_of(pack)
        assert PackBuilding.objects.filter(pack=pack).exists()

    def test_before_that_it_cannot(self, cast: Cast, incident: Incident) -> None:
        pack = asked(cast)
        client = signed_in(cast.quality_lead)
        client.post(page_of(pack, "build_pack"))
        assert "to be confirmed" in words(client.get(page_of(pack)))
        assert not PackBuilding.objects.exists()

    @pytest.mark.parametrize("who", ["lead", "director"])
    def test_the_texts_are_for_whoever_asked_for_the_pack(self, cast: Cast, incident: Incident, who: str) -> None:
        pack = asked(cast)
        client = signed_in(getattr(cast, who))
        assert client.get(page_of(pack)).status_code == 404
        assert client.get(texts_page(pack)).status_code == 404
        assert client.post(texts_page(pack), answers(pack, cast.quality_lead)).status_code == 404
        assert not TextConfirmation.objects.exists()


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "kind", "begins"),
        [
            ("pdf", "application/pdf", b"%PDF-"),
            ("html", "text/html", b"<!DOCTYPE html>"),
            ("zip", "application/zip", b"PK"),
        ],
    )
    def test_each_file_is_handed_out_and_the_look_is_kept(
        self, cast: Cast, incident: Incident, name: str, kind: str, begins: bytes
    ) -> None:
        made = built(asked(cast, disclosure=Disclosure.FULL))
        answer = signed_in(cast.director).get(page_of(made.pack, "pack_file", name))
        assert answer["Content-Type"] == kind
        assert "attachment" in answer["Content-Disposition"]
        assert b"".join(answer).startswith(begins)
        look = AccessEntry.objects.get(page=f"evidence pack, {name} fetched")
        assert (look.by_id, look.detail) == (cast.director.pk, f"evidence pack {made.pack_id}")

    def test_the_page_says_the_hash_of_each_file(self, cast: Cast, incident: Incident) -> None:
        made = built(asked(cast, disclosure=Disclosure.FULL))
        shown = words(signed_in(cast.director).get(page_of(made.pack)))
        for kept in (made.pdf, made.page, made.bundle):
            assert kept.sha256 in shown

    def test_read_here_it_runs_nothing_and_fetches_nothing(self, cast: Cast, incident: Incident) -> None:
        made = built(asked(cast, disclosure=Disclosure.FULL))
        answer = signed_in(cast.director).get(page_of(made.pack, "pack_view"))
        assert answer["Content-Disposition"] == "inline"
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'none'" in policy
        assert "script-src" not in policy
        assert b"".join(answer) == bytes_of(made.page)

    def test_what_is_not_built_or_unknown_is_not_there(self, cast: Cast, incident: Incident) -> None:
        pack = asked(cast)
        client = signed_in(cast.quality_lead)
        assert client.get(page_of(pack, "pack_file", "pdf")).status_code == 404
        assert client.get(page_of(pack, "pack_view")).status_code == 404
        assert client.get(page_of(pack, "pack_progress")).status_code == 404
        made = built(asked(cast, disclosure=Disclosure.FULL))
        assert client.get(page_of(made.pack, "pack_file", "exe")).status_code == 404

    def test_a_withdrawn_pack_says_why_and_gives_nothing_out(self, cast: Cast, incident: Incident) -> None:
        made = built(asked(cast, disclosure=Disclosure.FULL))
        client = signed_in(cast.director)
        assert "Enter why" in words(client.post(page_of(made.pack, "withdraw_pack"), {"reason": " "}))
        client.post(page_of(made.pack, "withdraw_pack"), {"reason": "A table was wrong."})
        shown = words(client.get(page_of(made.pack)))
        assert "A table was wrong." in shown
        assert made.pdf.sha256 not in shown
        for name in ("pdf", "html", "zip"):
            assert client.get(page_of(made.pack, "pack_file", name)).status_code == 404
        assert client.get(page_of(made.pack, "pack_view")).status_code == 404


class TestList:
    def test_newest_first_and_filtered(self, cast: Cast, incident: Incident) -> None:
        waiting = asked(cast)
        ready = built(asked(cast, subject=Subject.INCIDENT, incident=incident, disclosure=Disclosure.FULL)).pack
        client = signed_in(cast.quality_lead)
        everything = words(client.get(reverse("evidence:packs")))
        assert everything.index(ready.about) < everything.index(waiting.about)

        def listed(query: str) -> set[EvidencePack]:
            shown = client.get(f"{reverse('evidence:packs')}?{query}").content.decode()
            return {one for one in (waiting, ready) if page_of(one) in shown}

        assert listed("state=built") == {ready}
        assert listed("state=asked") == {waiting}
        assert listed("disclosure=full") == {ready}
        assert listed("subject=inspection") == {waiting}
        assert listed("q=riverside") == {waiting}
        assert listed("state=odd&page=x") == {waiting, ready}
        assert "No pack fits" in words(client.get(f"{reverse('evidence:packs')}?state=withdrawn"))

    def test_the_file_holds_what_the_list_shows(self, cast: Cast, incident: Incident) -> None:
        made = built(asked(cast, subject=Subject.INCIDENT, incident=incident, disclosure=Disclosure.FULL))
        asked(cast)
        client = signed_in(cast.director)
        file = b"".join(client.get(reverse("evidence:packs_file"))).decode()
        assert f'"{incident.reference}","One incident","Inside the service","Ready","Quill Harker"' in file
        assert made.pdf.sha256 in file
        assert "An inspection" not in file, "one that somebody else is still making"

    def test_progress_is_told_in_numbers(self, cast: Cast, incident: Incident) -> None:
        pack = asked(cast, disclosure=Disclosure.FULL)
        client = signed_in(cast.quality_lead)
        assert client.get(page_of(pack, "pack_progress")).json() == {
            "said": "Waiting for a worker.",
            "done": 0,
            "rows": 5,
            "working": True,
        }
        carry_on_packs(at=PACKED_AT)
        assert client.get(page_of(pack, "pack_progress")).json()["working"] is False

    def test_a_pack_that_failed_says_so_and_can_be_tried_again(self, cast: Cast, incident: Incident) -> None:
        pack = asked(cast, disclosure=Disclosure.FULL)
        PackBuilding.objects.update(gave_up_at=PACKED_AT, because="It could not be built.")
        client = signed_in(cast.quality_lead)
        shown = words(client.get(page_of(pack)))
        assert "It could not be built." in shown
        assert "Try again" in shown
        client.post(page_of(pack, "build_pack"))
        assert carry_on_packs(at=PACKED_AT) == 1
        assert "Ready" in words(client.get(page_of(pack)))


def test_a_name_never_stands_in_an_address_or_the_trail(cast: Cast) -> None:
    from saferpractice.trail.models import TrailEntry

    a_whole_case(cast)
    made = built(asked(cast))
    withdraw_pack(by=cast.director, at=PACKED_AT, pack=made.pack, reason=f"About {PERSON}")
    of_packs = TrailEntry.objects.filter(subject_id=made.pack_id)
    assert of_packs.count() == 6
    for entry in of_packs:
        whole = f"{entry.sentence} {entry.facts}"
        assert not [name for name in (PERSON, "Featherstone", "Ashdown", "P-77120", "0113 ") if name in whole]
