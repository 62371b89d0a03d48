"""The pages of evidence packs where people send what nobody expects, come too late, or may not be there."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.access.models import AccessEntry, Service
from saferpractice.access.operations import end_role, set_active
from saferpractice.evidence.models import EvidencePack, PackBuilding, PackWithdrawal, TextConfirmation
from saferpractice.evidence.operations import carry_on_packs, order_building, withdraw_pack
from saferpractice.evidence.presenters.pack_texts import shown
from saferpractice.evidence.presenters.packs import size_words
from saferpractice.evidence.queries.packs import Text, texts_of
from saferpractice.evidence.rules.packs.confirming import marked
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from tests.factories.incidents import an_incident
from tests.factories.pack_facts import typed
from tests.factories.packs_made import PACKED_AT, asked, built, confirmed
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R34")

FULL, INSPECTOR = Disclosure.FULL, Disclosure.INSPECTOR
EVERY_PAGE = ("pack", "pack_texts", "pack_progress", "pack_view", "withdraw_pack", "pack_file")
UNUSUAL = ["", "0", "-1", "1.5", "x", "²", "٣", "🫂", "9" * 30, "0000019999999999999999999999", "0" * 5000 + "1"]
"""What people put into the number of a page."""


@pytest.fixture
def at_work(cast: Cast, the_clock: Any) -> Cast:
    """The cast, on the day packs are made."""
    the_clock.stand_at(PACKED_AT)
    return cast


def a_report(cast: Cast, **report: Any) -> Incident:
    given: dict[str, Any] = {"team": cast.north, "at": NOW, "what_happened": "We stayed.", "done_at_once": ""}
    return an_incident(by=cast.worker, **(given | report))


def of_incident(cast: Cast, disclosure: Disclosure = INSPECTOR, **report: Any) -> EvidencePack:
    return asked(cast, subject=Subject.INCIDENT, disclosure=disclosure, incident=a_report(cast, **report))


def address(pack: EvidencePack, name: str = "pack") -> str:
    return reverse(f"evidence:{name}", args=[pack.pk, "pdf"] if name == "pack_file" else [pack.pk])


def doors(client: Client, pack: EvidencePack) -> dict[str, int]:
    """What each page of a pack answers."""
    return {name: client.get(address(pack, name)).status_code for name in EVERY_PAGE}


def a_form(cast: Cast, **changes: Any) -> dict[str, Any]:
    """The form of an inspection, filled in; None takes an answer away."""
    answers = {
        "period_from": "2026-01-01",
        "period_to": "2026-06-30",
        "services": [str(cast.riverside.pk)],
        "disclosure": "full",
        "submission_key": uuid4().hex,
    }
    return {name: value for name, value in (answers | changes).items() if value is not None}


def send(client: Client, form: dict[str, Any], subject: str = "inspection") -> Any:
    return client.post(reverse("evidence:new_pack_of", args=[subject]), form)


def part(text: Text, choice: str, other: str = "") -> dict[str, str]:
    """One text of the page of texts, decided about."""
    return {f"{text.said.key[:16]}-choice": choice, f"{text.said.key[:16]}-words": other}


class TestDoors:
    OPEN = dict.fromkeys(EVERY_PAGE, 200)
    SHUT = dict.fromkeys(EVERY_PAGE, 404)

    def test_a_built_pack_for_everybody_in_the_cast(self, at_work: Cast) -> None:
        pack = built(of_incident(at_work)).pack
        found = {who: doors(signed_in(person), pack) for who, person in at_work.people().items()}
        maker = self.OPEN | {"pack_texts": 302}  # it does not change any more
        reads = self.OPEN | {"pack_texts": 404}  # the texts are for whoever asked
        assert found == dict.fromkeys(found, self.SHUT) | {"quality_lead": maker, "lead": reads, "director": reads}

    @pytest.mark.parametrize(
        ("state", "maker"),
        [
            ("asked", {"pack": 200, "pack_texts": 200, "withdraw_pack": 200}),
            ("building", {"pack": 200, "pack_texts": 302, "pack_progress": 200, "withdraw_pack": 200}),
            ("failed", {"pack": 200, "pack_texts": 200, "pack_progress": 200, "withdraw_pack": 200}),
            ("withdrawn", {"pack": 200, "pack_texts": 302, "withdraw_pack": 302}),
        ],
    )
    def test_one_that_is_being_made_is_for_its_maker_only(
        self, at_work: Cast, state: str, maker: dict[str, int]
    ) -> None:
        pack = of_incident(at_work)
        if state in {"building", "failed"}:
            order_building(by=at_work.quality_lead, at=PACKED_AT, pack=confirmed(pack))
        if state == "failed":
            PackBuilding.objects.update(gave_up_at=PACKED_AT, because="It broke.")
        if state == "withdrawn":
            withdraw_pack(by=at_work.quality_lead, at=PACKED_AT, pack=pack, reason="Not needed.")
        assert doors(signed_in(at_work.quality_lead), pack) == self.SHUT | maker
        for who in ("lead", "director"):
            assert doors(signed_in(getattr(at_work, who)), pack) == self.SHUT

    def test_a_reader_whose_role_ends_or_whose_incident_is_restricted_stands_before_shut_doors(
        self, at_work: Cast
    ) -> None:
        made = built(of_incident(at_work, FULL))
        director, maker = signed_in(at_work.director), signed_in(at_work.quality_lead)
        assert made.pack.incident is not None
        assert doors(director, made.pack)["pack_file"] == 200
        decide_restriction(
            by=at_work.lead, at=PACKED_AT, incident=made.pack.incident, restricted=True, reason="About a colleague"
        )
        assert doors(director, made.pack) == self.SHUT
        assert doors(maker, made.pack) == self.SHUT
        lead = signed_in(at_work.lead)
        assert doors(lead, made.pack)["pack_file"] == 200
        end_role(by=at_work.administrator, at=PACKED_AT, assignment=at_work.lead.role_assignments.get())
        assert doors(lead, made.pack) == self.SHUT

    def test_a_leaver_is_not_let_in_with_an_open_session(self, at_work: Cast) -> None:
        made = built(of_incident(at_work, FULL))
        client = signed_in(at_work.director)
        assert client.get(address(made.pack, "pack_file")).status_code == 200
        set_active(by=at_work.administrator, at=PACKED_AT, person=at_work.director, active=False)
        answer = client.get(address(made.pack, "pack_file"))
        assert answer.status_code in {302, 403, 404}
        assert "Content-Disposition" not in answer

    def test_what_changes_a_pack_is_never_done_by_following_a_link(self, at_work: Cast) -> None:
        pack = confirmed(of_incident(at_work))
        client = signed_in(at_work.quality_lead)
        assert client.get(address(pack, "build_pack")).status_code == 405
        client.get(f"{address(pack, 'withdraw_pack')}?reason=Wrong")
        client.get(f"{address(pack, 'pack_texts')}?text={'f' * 64}")
        assert not PackBuilding.objects.exists()
        assert not PackWithdrawal.objects.exists()

    @pytest.mark.parametrize("name", ["PDF", "pdf ", "..", "page", "bundle", "zip.exe", "%00", "x" * 200])
    def test_no_file_but_the_three(self, at_work: Cast, name: str) -> None:
        made = built(of_incident(at_work, FULL))
        where = address(made.pack, "pack_file").removesuffix("pdf") + name
        assert signed_in(at_work.director).get(where).status_code == 404

    @pytest.mark.parametrize("name", ["pack", "pack_view", "pack_file", "withdraw_pack"])
    def test_each_look_leaves_its_trace_with_the_pack_and_the_story(self, at_work: Cast, name: str) -> None:
        made = built(of_incident(at_work, FULL))
        signed_in(at_work.director).get(address(made.pack, name))
        look = AccessEntry.objects.get(by_id=at_work.director.pk, page__startswith="evidence pack")
        assert (look.story_id, look.detail) == (made.pack.incident_id, f"evidence pack {made.pack_id}")
        assert (look.by_name, look.at) == ("Drew Castell", PACKED_AT)


class TestOddForms:
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"period_from": None}, "Enter the first day it covers"),
            ({"period_to": ""}, "Enter the last day it covers"),
            ({"period_from": "0001-01-01"}, "Year must include 4 numbers"),
            ({"period_from": "2026-02-30"}, "The first day must include a month and a year"),
            ({"period_from": "🫂"}, "There is a problem"),
            ({"services": ["x"]}, "There is a problem"),
            ({"services": [str(uuid4())]}, "There is a problem"),
            ({"disclosure": "FULL"}, "Select a valid choice"),
            ({"disclosure": "inspector_named", "identity_why": "A notice"}, "Enter the law that allows it"),
            ({"disclosure": "inspector_named", "identity_basis": " ", "identity_why": "x"}, "Enter the law"),
            ({"disclosure": "inspector_named", "identity_basis": "x" * 301, "identity_why": "x"}, "300"),
        ],
    )
    def test_keep_nothing_and_say_why(self, at_work: Cast, changes: dict[str, Any], sentence: str) -> None:
        sent = send(signed_in(at_work.quality_lead), a_form(at_work, **changes))
        said = words(sent)
        assert "There is a problem" in said
        assert sentence in said
        assert not EvidencePack.objects.exists()

    @pytest.mark.parametrize("reference", ["x" * 31, "%", "2026-99999", "🫂", "\u200b", "' OR 1=1"])
    def test_no_incident_by_a_reference_that_is_none(self, at_work: Cast, reference: str) -> None:
        a_report(at_work)
        form = {"reference": reference, "disclosure": "full", "submission_key": "k"}
        assert "There is a problem" in words(send(signed_in(at_work.quality_lead), form, "incident"))
        assert not EvidencePack.objects.exists()

    @pytest.mark.parametrize("quarter", ["", "2025-5", "2025-0", "x", "2031-1", "1999-1"])
    def test_no_quarter_that_is_none_or_is_not_over(self, at_work: Cast, quarter: str) -> None:
        a_report(at_work)
        form = a_form(at_work, quarter=quarter)
        assert "There is a problem" in words(send(signed_in(at_work.quality_lead), form, "quarter"))
        assert not EvidencePack.objects.exists()

    def test_a_service_of_another_provider_among_ones_own(self, at_work: Cast) -> None:
        theirs = Service.objects.create(provider=at_work.stranger.provider, name="Elsewhere")
        form = a_form(at_work, services=[str(at_work.riverside.pk), str(theirs.pk)])
        said = words(send(signed_in(at_work.quality_lead), form))
        assert "There is a problem" in said
        assert "Elsewhere" not in said
        assert not EvidencePack.objects.exists()

    def test_a_law_typed_for_a_pack_that_needs_none_is_not_kept(self, at_work: Cast) -> None:
        form = a_form(at_work, disclosure="inspector", identity_basis="An Act", identity_why="They asked")
        send(signed_in(at_work.quality_lead), form)
        pack = EvidencePack.objects.get()
        assert (pack.disclosure, pack.identity_basis, pack.identity_why) == ("inspector", "", "")

    @pytest.mark.parametrize("reference", ["2026-00001", "<script>alert(1)</script>", "x" * 40])
    def test_the_incident_of_an_address_is_filled_in_as_text(self, at_work: Cast, reference: str) -> None:
        page = signed_in(at_work.quality_lead).get(
            reverse("evidence:new_pack_of", args=["incident"]), {"incident": reference}
        )
        assert f'value="{html.escape(reference[:30])}"' in page.content.decode()

    @pytest.mark.parametrize("length", [300, 301])
    def test_the_reason_of_a_withdrawal_is_kept_whole_or_refused(self, at_work: Cast, length: int) -> None:
        pack = of_incident(at_work)
        reason = "é" * length
        sent = signed_in(at_work.quality_lead).post(address(pack, "withdraw_pack"), {"reason": reason})
        if length == 300:
            assert PackWithdrawal.objects.get().reason == reason
        else:
            assert "There is a problem" in words(sent)
            assert not PackWithdrawal.objects.exists()

    def test_two_who_withdraw_one_keep_the_first_reason(self, at_work: Cast) -> None:
        made = built(of_incident(at_work, FULL))
        for who, reason in ((at_work.director, "A table was wrong."), (at_work.lead, "It is old.")):
            assert signed_in(who).post(address(made.pack, "withdraw_pack"), {"reason": reason}).status_code == 302
        done = PackWithdrawal.objects.get()
        assert (done.reason, done.decided_by) == ("A table was wrong.", at_work.director)

    def test_a_reason_is_shown_as_text(self, at_work: Cast) -> None:
        pack = of_incident(at_work)
        client = signed_in(at_work.quality_lead)
        client.post(address(pack, "withdraw_pack"), {"reason": "<b onclick=x>Wrong</b> 🫂"})
        page = client.get(address(pack)).content.decode()
        assert "&lt;b onclick=x&gt;Wrong&lt;/b&gt; 🫂" in page
        assert "<b onclick" not in page


class TestThePageOfTexts:
    def texts(self, cast: Cast, pack: EvidencePack) -> list[Text]:
        return list(texts_of(pack, cast.quality_lead, PACKED_AT))

    @pytest.mark.parametrize(
        ("choice", "other", "sentence"),
        [
            ("edited", "", "Enter the words to share"),
            ("edited", "\u200b\u00ad", "Enter the words to share"),
            ("edited", "x" * 20_001, "must be 20000 characters or fewer"),
            ("edited", "Wr\u200ben Ashdown stayed", "This could still tell who somebody is: name"),
            ("share", "", "Select a valid choice"),
        ],
    )
    def test_what_may_not_go_out_is_said_and_nothing_is_kept(
        self, at_work: Cast, choice: str, other: str, sentence: str
    ) -> None:
        pack = of_incident(at_work)
        (text,) = self.texts(at_work, pack)
        sent = signed_in(at_work.quality_lead).post(
            address(pack, "pack_texts"), {"text": text.said.key} | part(text, choice, other)
        )
        assert sentence in words(sent)
        assert not TextConfirmation.objects.exists()

    @pytest.mark.parametrize("keys", [[], [""], ["f" * 64], ["🫂"], ["' OR 1=1", "x" * 5000]])
    def test_texts_that_are_not_of_the_pack_are_not_decided_about(self, at_work: Cast, keys: list[str]) -> None:
        pack = of_incident(at_work)
        other = self.texts(at_work, of_incident(at_work, what_happened="We rang."))[0]
        form = {"text": [*keys, other.said.key]} | part(other, "masked")
        assert signed_in(at_work.quality_lead).post(address(pack, "pack_texts"), form).status_code == 200
        assert not TextConfirmation.objects.exists()

    @pytest.mark.parametrize(
        ("choice", "other", "ticked", "filled"),
        [
            ("masked", "", "masked", "We stayed."),
            ("edited", "They waited.", "edited", "They waited."),
            ("left_out", "", "left_out", "We stayed."),
            ("edited", "We stayed.", "masked", "We stayed."),
        ],
    )
    def test_what_was_decided_stands_there_when_one_looks_again(
        self, at_work: Cast, choice: str, other: str, ticked: str, filled: str
    ) -> None:
        pack = of_incident(at_work)
        (text,) = self.texts(at_work, pack)
        client = signed_in(at_work.quality_lead)
        sent = client.post(address(pack, "pack_texts"), {"text": text.said.key} | part(text, choice, other))
        assert sent.status_code == 302
        assert "No text is left here" in words(client.get(address(pack, "pack_texts")))
        page = client.get(f"{address(pack, 'pack_texts')}?show=all").content.decode()
        inputs = re.findall(r'<input[^>]*type="radio"[^>]*>', page)
        assert [re.search(r'value="(\w+)"', one)[1] for one in inputs if "checked" in one] == [ticked]  # type: ignore[index]
        assert filled in re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.DOTALL)

    def test_which_texts_are_shown(self, at_work: Cast) -> None:
        pack = of_incident(at_work, done_at_once="Ring 0113 496 0000.", also_known="A dog.")
        stayed, ring, dog = self.texts(at_work, pack)
        client = signed_in(at_work.quality_lead)
        client.post(address(pack, "pack_texts"), {"text": dog.said.key} | part(dog, "masked"))
        keys = {
            show: re.findall(
                r'name="text" value="(\w+)"', client.get(address(pack, "pack_texts"), {"show": show}).content.decode()
            )
            for show in ("open", "found", "all", "odd", "")
        }
        waiting = [stayed.said.key, ring.said.key]
        assert keys == {
            "open": waiting,
            "found": [ring.said.key],
            "all": [*waiting, dog.said.key],
            "odd": waiting,
            "": waiting,
        }

    def test_a_text_that_runs_something_is_shown_as_text(self, at_work: Cast) -> None:
        pack = of_incident(at_work, what_happened="<script>alert(1)</script> Wren Ashdown <b>")
        page = signed_in(at_work.quality_lead).get(address(pack, "pack_texts")).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>[name removed]</mark> &lt;b&gt;" in page

    def test_a_stale_page_of_a_pack_that_was_built_or_withdrawn_decides_nothing(self, at_work: Cast) -> None:
        for end in (built, lambda pack: withdraw_pack(by=at_work.lead, at=PACKED_AT, pack=pack, reason="Not needed.")):
            pack = of_incident(at_work)
            (text,) = self.texts(at_work, pack)
            end(pack)
            before = TextConfirmation.objects.count()
            form = {"text": text.said.key} | part(text, "left_out")
            sent = signed_in(at_work.quality_lead).post(address(pack, "pack_texts"), form)
            assert sent.url == address(pack)
            assert TextConfirmation.objects.count() == before

    @pytest.mark.parametrize("asked_page", UNUSUAL)
    def test_an_odd_number_of_a_page_is_the_first(self, at_work: Cast, asked_page: str) -> None:
        pack = of_incident(at_work)
        client = signed_in(at_work.quality_lead)
        assert "We stayed." in words(client.get(address(pack, "pack_texts"), {"page": asked_page}))
        assert pack.about in words(client.get(reverse("evidence:packs"), {"page": asked_page}))


class TestTheList:
    @pytest.mark.parametrize(
        "query",
        [
            {"q": "x" * 10_000},
            {"subject": "🫂"},
            {"disclosure": "' OR 1=1"},
            {"state": ["built", "odd"]},
            {"nothing": "x"},
        ],
    )
    def test_an_odd_filter_is_no_error_and_shows_all(self, at_work: Cast, query: dict[str, Any]) -> None:
        pack = of_incident(at_work)
        client = signed_in(at_work.quality_lead)
        for page in ("evidence:packs", "evidence:packs_file"):
            answer = client.get(reverse(page), query)
            assert answer.status_code == 200
            text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
            assert pack.about in text

    @pytest.mark.parametrize(
        "query",
        [
            {}, {"state": "built"}, {"state": "asked"}, {"state": "withdrawn"}, {"subject": "incident"},
            {"disclosure": "full"}, {"q": "riverside"}, {"q": "nothing like it"},
            {"state": "built", "subject": "theme"},
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("who", ["quality_lead", "director"])
    def test_the_file_holds_the_rows_of_the_page_in_its_order(
        self, at_work: Cast, who: str, query: dict[str, str]
    ) -> None:
        self.some(at_work)
        client = signed_in(getattr(at_work, who))
        page = client.get(reverse("evidence:packs"), query).content.decode()
        linked = re.findall(r'href="/[^"]*?([0-9a-f-]{36})/?"[^>]*>([^<]+)</a>', page)
        file = b"".join(client.get(reverse("evidence:packs_file"), query)).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(file)))[1:]
        assert [row[0] for row in rows] == [html.unescape(text).strip() for _, text in linked]
        assert len(linked) == packs_seen_by(at_work, who, query)

    def some(self, cast: Cast) -> None:
        built(of_incident(cast, FULL))
        asked(cast)
        withdraw_pack(
            by=cast.director, at=PACKED_AT, pack=built(of_incident(cast, FULL)).pack, reason="A table was wrong."
        )
        asked(cast, by=cast.director, services=[cast.harbour])

    def test_pages_show_each_pack_once(self, at_work: Cast) -> None:
        packs = [asked(at_work, at=PACKED_AT - timedelta(minutes=n)) for n in range(26)]
        client = signed_in(at_work.quality_lead)
        found = [
            [
                pack
                for pack in packs
                if address(pack) in client.get(reverse("evidence:packs"), {"page": n}).content.decode()
            ]
            for n in (1, 2, 3)
        ]
        assert found == [packs[:25], packs[25:], []]

    def test_a_name_of_a_service_that_is_a_formula_does_nothing_in_a_spreadsheet(self, at_work: Cast) -> None:
        Service.objects.filter(pk=at_work.riverside.pk).update(name='=HYPERLINK("x")')
        asked(at_work, services=[Service.objects.get(pk=at_work.riverside.pk)])
        client = signed_in(at_work.quality_lead)
        (row,) = list(
            csv.reader(io.StringIO(b"".join(client.get(reverse("evidence:packs_file"))).decode("utf-8-sig")))
        )[1:]
        assert not row[0].startswith("=")
        assert '=HYPERLINK("x")' in row[0]

    @pytest.mark.parametrize("page", ["evidence:packs", "evidence:packs_file", "evidence:new_pack"])
    def test_is_for_nobody_who_does_not_lead(self, at_work: Cast, page: str) -> None:
        lets_in = {who for who, one in at_work.people().items() if signed_in(one).get(reverse(page)).status_code == 200}
        assert lets_in == {"quality_lead", "lead", "director", "stranger"}


def packs_seen_by(cast: Cast, who: str, query: dict[str, str]) -> int:
    """How many packs of ``some`` fit, counted by hand."""
    made = {"quality_lead": {"one", "inspection", "two"}, "director": {"one", "two", "harbour"}}[who]
    fits = {
        "": {"one", "inspection", "two", "harbour"},
        "state=built": {"one"},
        "state=asked": {"inspection", "harbour"},
        "state=withdrawn": {"two"},
        "subject=incident": {"one", "two"},
        "disclosure=full": {"one", "two"},
        "q=riverside": {"inspection"},
    }
    return len(made & fits.get("&".join(f"{name}={value}" for name, value in query.items()), set()))


class TestWords:
    @pytest.mark.parametrize(
        ("state", "says", "says_not"),
        [
            (
                "asked",
                ["Texts to confirm", "Look through the texts", "Withdraw this pack"],
                ["Build the pack", "SHA-256"],
            ),
            ("confirmed", ["Every text is confirmed.", "Build the pack"], ["Look through the texts", "SHA-256"]),
            ("building", ["Being built", "Waiting for a worker."], ["Build the pack", "Withdraw this pack"]),
            ("failed", ["Could not be built", "It broke.", "Try again", "Withdraw this pack"], ["SHA-256"]),
            ("built", ["Ready", "SHA-256", "Read it here", "1 incident"], ["must not leave the service", "Try again"]),
            ("withdrawn", ["Withdrawn by Quill Harker", "Not needed.", "stays on record"], ["SHA-256", "Read it here"]),
        ],
    )
    def test_the_page_says_how_far_it_is_and_what_can_be_done(
        self, at_work: Cast, state: str, says: list[str], says_not: list[str]
    ) -> None:
        pack = of_incident(at_work)
        if state in {"confirmed", "building", "failed"}:
            confirmed(pack)
        if state in {"building", "failed"}:
            order_building(by=at_work.quality_lead, at=PACKED_AT, pack=pack)
        if state == "failed":
            PackBuilding.objects.update(gave_up_at=PACKED_AT, because="It broke.")
        if state in {"built", "withdrawn"}:
            built(pack)
        if state == "withdrawn":
            withdraw_pack(by=at_work.quality_lead, at=PACKED_AT, pack=pack, reason="Not needed.")
        shown_words = words(signed_in(at_work.quality_lead).get(address(pack)))
        assert [one for one in says if one not in shown_words] == []
        assert [one for one in says_not if one in shown_words] == []

    def test_a_pack_that_tells_who_says_by_which_law_to_whoever_opens_it(self, at_work: Cast) -> None:
        form = a_form(
            at_work, disclosure="inspector_named", identity_basis="<i>An Act</i>", identity_why="A notice of 3 May"
        )
        client = signed_in(at_work.quality_lead)
        page = client.get(send(client, form).url)
        assert "&lt;i&gt;An Act&lt;/i&gt;" in page.content.decode()
        said = words(page)
        assert "A notice of 3 May" in said
        assert "For an inspector, with who the people supported are" in said
        assert "with who the people supported are" in words(client.get(reverse("evidence:packs")))

    def test_a_try_that_is_not_possible_is_said_on_its_page(self, at_work: Cast) -> None:
        pack = of_incident(at_work, done_at_once="We rang.")
        client = signed_in(at_work.quality_lead)
        sent = client.post(address(pack, "build_pack"), follow=True)
        assert "2 texts wait to be confirmed." in words(sent)
        built(pack)
        assert "This pack is built, and does not change any more." in words(
            client.post(address(pack, "build_pack"), follow=True)
        )
        assert carry_on_packs(at=PACKED_AT) == 0


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "1 kB"), (1, "1 kB"), (1_499, "1 kB"), (1_501, "2 kB"), (99_999, "100 kB"), (100_000, "0.1 MB"),
        (1_250_001, "1.3 MB"), (20_000_000, "20.0 MB"),
    ],
)  # fmt: skip
def test_a_size_in_words(size: int, said: str) -> None:
    assert size_words(size) == said


@given(
    st.lists(st.sampled_from(["Wren Ashdown", "<b>", "&amp;", "\n", '"', "stayed"]) | st.text(max_size=5)).map(" ".join)
)
def test_a_text_on_the_page_reads_as_it_would_go_out_and_runs_nothing(text: str) -> None:
    """Without its marks and line breaks it is the words that are kept, letter for letter."""
    found = marked(text, ["Wren Ashdown"])
    page = str(shown(Text(replace(typed("what"), text=text), found, None)))
    assert set(re.findall(r"<[^>]*>", page)) <= {"<mark>", "</mark>", "<br>"}
    bare = re.sub(r"</?mark>", "", page).replace("<br>", "\n")
    assert "<" not in bare
    assert html.unescape(bare) == found.words
