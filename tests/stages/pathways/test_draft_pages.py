"""The pages on which people who do not program change a pathway, and others decide."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.deadlines.models import Obligation
from saferpractice.jobs.sweeps import take_versions_live
from saferpractice.pathways import operations
from saferpractice.pathways.forms import DraftForm
from saferpractice.pathways.models import PathwayDraft, PathwayVersion, VersionProposal, VersionRetired
from saferpractice.pathways.queries import definition_of_draft, library
from saferpractice.pathways.rules.reading import content_of
from tests.conftest import TestClock
from tests.factories.pathways import a_case, a_draft, a_proposal, a_record, approved, edited, hours, used, within
from tests.factories.web import signed_in
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R14", "R17", "R18", "R23")


@pytest.fixture(autouse=True)
def now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def as_sent(draft: PathwayDraft, **changes: Any) -> dict[str, Any]:
    """What a browser sends of the edit form as it is shown, with ``changes`` by the names of fields."""
    form = DraftForm(content=draft.content, revision=draft.revision)
    sent: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].initial
        if value not in (None, False, []):
            sent[name] = value
    return {**sent, **{name.replace("__", "."): value for name, value in changes.items()}}


def text_of(response: Any) -> str:
    """The words of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def edit(client: Client, draft: PathwayDraft, sent: dict[str, Any]) -> Any:
    return client.post(reverse("pathways:edit_draft", args=[draft.pk]), sent, follow=True)


class TestProposed:
    def test_what_waits_stands_on_the_page_of_pathways_for_those_who_may_see_it(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        address = reverse("pathways:proposal", args=[proposal.pk])
        index = reverse("pathways:index")
        assert address in signed_in(cast.director).get(index).content.decode()
        for person in (cast.worker, cast.duty_manager, cast.duty_manager_elsewhere, cast.stranger):
            assert address not in signed_in(person).get(index).content.decode(), person.name
        operations.approve(by=cast.quality_lead, at=NOW, proposal=proposal, reason="It is right.", live_from=None)
        assert address not in signed_in(cast.director).get(index).content.decode()


class TestEditing:
    def test_sent_as_it_is_shown_nothing_changes(self, cast: Cast) -> None:
        draft = a_draft(cast)
        response = edit(signed_in(cast.lead), draft, as_sent(draft))
        assert "The draft is saved" in text_of(response)
        assert PathwayDraft.objects.get().content == draft.content

    def test_it_can_be_tried_on_what_was_recorded_while_a_version_is_in_use(self, cast: Cast) -> None:
        draft = a_draft(cast)
        way, client = reverse("pathways:replays", args=[draft.pathway]), signed_in(cast.lead)
        page = reverse("pathways:draft", args=[draft.pk])
        assert way in client.get(page).content.decode()
        assert client.get(way).status_code == 200
        version = PathwayVersion.objects.get()
        operations.retire_version(by=cast.lead, at=NOW, version=version, reason="Nobody works by it")
        assert way not in client.get(page).content.decode()

    def test_every_library_file_can_be_edited(self, cast: Cast) -> None:
        for code in library():
            draft = operations.begin_draft(by=cast.lead, at=NOW, provider=cast.provider, pathway=code)
            form = DraftForm(as_sent(draft), content=draft.content, revision=1)
            assert form.definition() == library()[code], form.errors

    def test_counts_times_who_and_what_is_needed(self, cast: Cast) -> None:
        draft = a_draft(cast)
        sent = as_sent(draft) | {
            "obligations.consult.within.amount": "3",
            "obligations.consult.within.unit": "working_hours",
            "obligations.consult.who": "supervisor",
            "obligations.consult.then.0.tell": ["director"],
            "obligations.consult.when.indicators.at_least.source": "number",
            "obligations.consult.when.indicators.at_least": "3",
            "records.consultation.fields.wishes.required": "never",
            "indicators.infection-risk.look_for": "Smell\n\n  Fever ",
            "local.how-many.highest": "3",
        }
        edit(signed_in(cast.lead), draft, sent)
        saved = definition_of_draft(PathwayDraft.objects.get())
        consult = saved.owed["consult"]
        assert (consult.within, consult.who, consult.then[0].tell) == ("3 working hours", "supervisor", ("director",))
        assert consult.when.indicators is not None
        assert consult.when.indicators.at_least == 3
        assert not saved.kinds["consultation"].by_id["wishes"].required
        assert saved.indicators[1].look_for == ("Smell", "Fever")
        assert saved.locals["how-many"].highest == 3

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("title", "", "“What is it called” is empty. Fill it in."),
            ("obligations.consult.within.amount", "", "Enter how many, from 1 to 87,840."),
            ("obligations.consult.within.amount", "99999", "Enter how many, from 1 to 87,840."),
            ("obligations.consult.within.amount", "soon", "Enter a whole number"),
            ("obligations.consult.within.unit", "fortnights", "Choose"),
            ("local.how-many.lowest", "9", "Write a value from 9"),
            ("indicators.NEW.label", "Alone", "“What to look for” is empty"),
            ("records.consultation.fields.decision.remove", "on", "not a field of consultation"),
        ],
    )
    def test_a_mistake_stands_beside_its_field_and_what_was_typed_is_kept(
        self, cast: Cast, name: str, value: str, told: str
    ) -> None:
        draft = a_draft(cast)
        sent = as_sent(draft) | {"about": "Typed and kept.", name: value}
        response = edit(signed_in(cast.lead), draft, sent)
        page = text_of(response)
        assert told in page
        assert "Typed and kept." in page
        assert 'class="nhsuk-error-message"' in response.content.decode()
        assert PathwayDraft.objects.get().content == draft.content

    def test_show_in_words_saves_nothing(self, cast: Cast) -> None:
        draft = a_draft(cast)
        sent = as_sent(draft) | {"obligations.consult.within.amount": "7", "words": "yes"}
        page = text_of(edit(signed_in(cast.lead), draft, sent))
        assert "within 7 hours" in page
        assert PathwayDraft.objects.get().revision == draft.revision

    def test_the_words_beside_it_say_what_is_typed_or_what_is_wrong(self, cast: Cast) -> None:
        draft, client = a_draft(cast), signed_in(cast.lead)
        address = reverse("pathways:draft_words", args=[draft.pk])
        good = client.post(address, as_sent(draft) | {"obligations.consult.within.amount": "7"})
        assert "within 7 hours" in text_of(good)
        bad = client.post(address, as_sent(draft) | {"title": ""})
        assert "Put this right first" in text_of(bad)
        evil = client.post(address, as_sent(draft) | {"indicators.infection-risk.label": "<script>x</script>"})
        assert "<script>" not in evil.content.decode()
        assert PathwayDraft.objects.get().content == draft.content

    def test_saved_meanwhile_both_texts_are_shown_and_nothing_is_lost(self, cast: Cast) -> None:
        draft = a_draft(cast)
        mine = as_sent(draft) | {"obligations.consult.within.amount": "5"}
        theirs = edited(definition_of_draft(draft), within("consult", "9 hours"))
        operations.change_draft(by=cast.director, at=NOW, draft=draft, revision=2, definition=theirs)
        client = signed_in(cast.lead)
        response = edit(client, draft, mine)
        page = text_of(response)
        assert response.status_code == 409
        assert "Drew Castell saved this draft meanwhile" in page
        assert "within 9 hours" in page
        assert "within 5 hours" in page
        assert PathwayDraft.objects.get().content == content_of(theirs)
        [again] = re.findall(r'name="revision"[^>]*value="(\d+)"', response.content.decode())
        edit(client, draft, mine | {"revision": again})
        assert definition_of_draft(PathwayDraft.objects.get()).owed["consult"].within == "5 hours"

    @pytest.mark.parametrize("base", ["", "{", "[]", '{"pathway": "other"}', '{"pathway": "self-neglect"}'])
    def test_a_base_that_is_none_is_passed_over(self, cast: Cast, base: str) -> None:
        draft = a_draft(cast)
        response = edit(signed_in(cast.lead), draft, as_sent(draft) | {"base": base})
        assert response.status_code == 200
        assert PathwayDraft.objects.get().content == draft.content

    def test_what_is_proposed_is_not_edited(self, cast: Cast) -> None:
        draft = a_proposal(cast).draft
        assert signed_in(cast.lead).get(reverse("pathways:edit_draft", args=[draft.pk])).status_code == 404


class TestTheWay:
    def test_from_the_list_to_a_version_by_two_people(self, cast: Cast, the_clock: TestClock) -> None:
        used(cast)
        case = a_case(cast)
        a_record(case, "checklist", 0, by=cast.worker, values={"present": ["infection-risk", "refusal-of-care"]})
        lead, director = signed_in(cast.lead), signed_in(cast.director)
        page = lead.post(reverse("pathways:begin_draft", args=["self-neglect"]), follow=True)
        assert "Nothing is in use until somebody else approves it" in text_of(page)
        draft = PathwayDraft.objects.get()
        edit(
            lead,
            draft,
            as_sent(draft) | {"obligations.consult.within.unit": "weeks", "obligations.consult.within.amount": "1"},
        )
        propose = reverse("pathways:propose", args=[draft.pk])
        assert "Enter why practice should change" in text_of(lead.post(propose, {"revision": "2", "why": ""}))
        page = text_of(lead.post(propose, {"revision": "2", "why": "The nights asked."}, follow=True))
        assert "You worked on this version. Somebody else decides on it." in page
        assert lead.get(reverse("pathways:approve", args=[draft.pk])).status_code == 404
        approve = reverse("pathways:approve", args=[draft.pk])
        page = text_of(director.get(approve))
        assert "The nights asked." in page
        assert "within 1 week" in page
        assert "Choose when it goes live" in text_of(director.post(approve, {"reason": "Right."}))
        page = text_of(director.post(approve, {"reason": "Right.", "when": "now"}, follow=True))
        assert "one open case moved to it" in page
        assert PathwayVersion.objects.get(number=2).decided_by == cast.director
        page = text_of(signed_in(cast.worker).get(reverse("pathways:case", args=[case.pk])))
        assert "Moved to version 2" in page
        assert "Due by the end of" in page

    def test_from_a_moment(self, cast: Cast) -> None:
        draft = a_proposal(cast).draft
        local = {"live_from-day": "6", "live_from-month": "3", "live_from-year": "2026", "live_from-time": "9am"}
        sent = {"reason": "Right.", "when": "later", **local}
        page = signed_in(cast.director).post(reverse("pathways:approve", args=[draft.pk]), sent, follow=True)
        assert "It goes live by itself" in text_of(page)
        assert "Approved, not yet live" in text_of(page)
        assert not take_versions_live(NOW)

    def test_sent_back_taken_back_and_dropped(self, cast: Cast) -> None:
        draft, lead, director = a_proposal(cast).draft, signed_in(cast.lead), signed_in(cast.director)
        page = director.post(reverse("pathways:send_back", args=[draft.pk]), {"reason": "Ask the nights."}, follow=True)
        assert "Ask the nights." in text_of(page)
        lead.post(reverse("pathways:propose", args=[draft.pk]), {"revision": "2", "why": "Asked."})
        assert director.get(reverse("pathways:take_back", args=[draft.pk])).status_code == 404
        page = lead.post(reverse("pathways:take_back", args=[draft.pk]), {"reason": "A slip."}, follow=True)
        assert "Taken back" in text_of(page)
        page = lead.post(reverse("pathways:drop", args=[draft.pk]), {"reason": "Not needed."}, follow=True)
        assert "Dropped by Lark Penrose" in text_of(page)
        assert [each.decision.outcome for each in VersionProposal.objects.order_by("number")] == [
            "sent-back",
            "taken-back",
        ]

    def test_the_work_leads_to_the_draft(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        client, owed = signed_in(cast.quality_lead), Obligation.objects.get(subject_id=proposal.pk)
        go = reverse("home:go", args=[owed.pk])
        assert go in client.get(reverse("home:my_work")).content.decode()
        response = client.get(go, follow=True)
        assert response.redirect_chain[-1][0] == reverse("pathways:draft", args=[proposal.draft_id])
        assert "Waits for a decision" in text_of(response)

    def test_a_newer_version_is_said_and_gone_on_from(self, cast: Cast) -> None:
        draft = a_draft(cast)
        approved(cast, within("refer", "1 working day"), by=None)
        client = signed_in(cast.lead)
        page = client.get(reverse("pathways:draft", args=[draft.pk]))
        assert "Version 2 came since this draft was begun" in text_of(page)
        refused = client.post(reverse("pathways:propose", args=[draft.pk]), {"revision": "2", "why": "Because."})
        assert "would be lost" in text_of(refused)
        page = client.post(reverse("pathways:go_on", args=[draft.pk]), {"revision": "2"}, follow=True)
        assert "came since" not in text_of(page)
        assert "What it says otherwise than version 2" in text_of(page)


class TestVersions:
    def test_a_pathway_in_use_is_shown_as_it_is_used_here(self, cast: Cast) -> None:
        approved(cast)
        page = text_of(signed_in(cast.worker).get(reverse("pathways:one", args=["self-neglect"])))
        assert "within 2 hours" in page
        assert "In use, version 2" in page

    def test_nobody_replaces_it_by_what_ships(self, cast: Cast) -> None:
        approved(cast)
        page = signed_in(cast.lead).post(reverse("pathways:put_in_use", args=["self-neglect"]), follow=True)
        assert "Draft the change" in text_of(page)
        assert PathwayVersion.objects.count() == 2

    def test_what_ships_now_can_be_drafted(self, cast: Cast) -> None:
        approved(cast)
        client = signed_in(cast.lead)
        listed = text_of(client.get(reverse("pathways:versions", args=["self-neglect"])))
        assert "Begin with what ships now" in listed
        client.post(reverse("pathways:begin_draft", args=["self-neglect"]), {"ships": "yes"})
        assert definition_of_draft(PathwayDraft.objects.latest("decided_at", "id")) == library()["self-neglect"]

    def test_those_who_may_not_see_no_drafts(self, cast: Cast) -> None:
        a_draft(cast)
        page = text_of(signed_in(cast.worker).get(reverse("pathways:versions", args=["self-neglect"])))
        assert "Draft by" not in page
        assert "Only a safeguarding lead, quality lead or director" in page

    def test_two_are_compared_either_way(self, cast: Cast) -> None:
        approved(cast)
        client, address = signed_in(cast.worker), reverse("pathways:compare", args=["self-neglect"])
        page = client.get(address, {"before": "1", "after": "2"}).content.decode()
        assert re.search(r"<del>[^<]*before the end of that day", page)
        assert re.search(r"<ins>[^<]*within 2 hours", page)
        back = client.get(address, {"before": "2", "after": "1"}).content.decode()
        assert re.search(r"<del>[^<]*within 2 hours", back)
        assert "Both say the same" in client.get(address, {"before": "1", "after": "1"}).content.decode()
        assert client.get(address, {"before": "1", "after": "9"}).status_code == 404

    def test_who_proposed_and_approved_and_why(self, cast: Cast) -> None:
        version = approved(cast)
        page = text_of(signed_in(cast.worker).get(reverse("pathways:version", args=["self-neglect", version.number])))
        for told in ("Lark Penrose", "Two hours matter.", "Quill Harker", "It is right.", "Compare with version 1"):
            assert told in page

    def test_retiring(self, cast: Cast, the_clock: TestClock) -> None:
        version = approved(cast)
        the_clock.stand_at(hours(1))
        client, address = signed_in(cast.director), reverse("pathways:retire", args=["self-neglect", 2])
        assert "Enter why it is retired" in text_of(client.post(address, {"reason": ""}))
        page = text_of(client.post(address, {"reason": "Another service does it.", "when": "now"}, follow=True))
        assert "Another service does it." in page
        assert VersionRetired.objects.get().version == version
        page = text_of(client.get(reverse("pathways:one", args=["self-neglect"])))
        assert "Not in use" in page
