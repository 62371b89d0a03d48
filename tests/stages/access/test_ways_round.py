"""Ways round a check that others have fallen for: a record reached through another, named in a form, or handed on."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from saferpractice.access.models import RoleAssignment
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import hand_over_change
from saferpractice.trail.models import TrailEntry
from tests.stages.access.asking import ADDRESSES, OF_INCIDENTS, address_of, ask
from tests.stages.access.scene import AT, CANARY, ORDINARY, RESTRICTED, THEIRS, Scene
from tests.stages.access.table import EVERYBODY

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34"), pytest.mark.usefixtures("quiet")]

OUTER_AND_INNER = [row for row in OF_INCIDENTS if sum(name.endswith("_id") for name in ADDRESSES[row.name]) > 1]


@pytest.mark.parametrize("row", OUTER_AND_INNER, ids=lambda row: row.name)
@pytest.mark.parametrize(("name", "inner_of"), [("duty_manager", RESTRICTED), ("lead", RESTRICTED), ("lead", THEIRS)])
def test_a_record_is_reached_through_its_own_incident_only(scene: Scene, row: Any, name: str, inner_of: str) -> None:
    """One's own record in the address, somebody else's behind it: not there, even for those who may see both."""
    own, other = scene.stories[ORDINARY].ids, scene.stories[inner_of].ids
    inner = [name for name in ADDRESSES[row.name] if name.endswith("_id")][-1]
    key = row.swap.get(inner, inner)
    method = "GET" if row.get is not None else "POST"
    before = TrailEntry.objects.count()
    answer = ask(scene.client(name), method, address_of(row, own | {key: other[key]}))
    assert answer.status == 404
    assert CANARY[inner_of] not in answer.text
    assert TrailEntry.objects.count() == before


def test_there_are_such_addresses() -> None:
    assert {row.name for row in OUTER_AND_INNER} >= {
        "changes:file", "changes:versions", "changes:evidence_file", "reviews:correct_entry", "incidents:end_named",
    }  # fmt: skip


def test_evidence_of_another_action_is_not_judged_through_ones_own(scene: Scene) -> None:
    own, other = scene.stories[ORDINARY].ids, scene.stories[RESTRICTED].ids
    sent = {"evidence": other["evidence_id"], "decision-decision": "accept"}
    assert ask(scene.client("lead"), "POST", reverse("changes:decide", args=[own["action_id"]]), sent).status == 404


def test_a_role_is_ended_on_the_page_of_whoever_holds_it(scene: Scene) -> None:
    held = RoleAssignment.objects.get(person=scene.cast.lead)
    address = reverse("access:end_role", args=[scene.cast.worker.pk, held.pk])
    assert ask(scene.client("administrator"), "POST", address).status == 404
    held.refresh_from_db()
    assert held.until_at is None


class TestNamingInAForm:
    """What a form offers is all it takes: an id typed into it from elsewhere names nothing."""

    @pytest.mark.parametrize(
        ("who", "address", "of", "field"),
        [
            ("duty_manager", "changes:new", "review_id", "findings"),
            ("lead", "incidents:name_person", "incident_id", "person"),
            ("lead", "incidents:keep_from", "incident_id", "person"),
            ("lead", "reviews:reviewer", "review_id", "person"),
            ("lead", "reviews:involved", "review_id", "person"),
            ("duty_manager", "changes:hand_over", "change_id", "owner"),
            ("duty_manager", "changes:hand_over_action", "action_id", "owner"),
            ("duty_manager", "changes:new_action", "change_id", "owner"),
            ("duty_manager", "changes:new", "review_id", "owner"),
            ("duty_manager", "changes:new", "review_id", "reach"),
            ("worker", "incidents:report", "", "team"),
        ],
    )
    def test_nothing_of_another_provider_or_incident(
        self, scene: Scene, who: str, address: str, of: str, field: str
    ) -> None:
        elsewhere: dict[str, UUID] = {
            "findings": scene.stories[RESTRICTED].ids["finding_id"],
            "person": scene.people["stranger"].pk,
            "owner": scene.people["stranger"].pk,
            "reach": scene.stories[THEIRS].incident.team_id,
            "team": scene.stories[THEIRS].incident.team_id,
        }
        ids = scene.stories[ORDINARY].ids
        before = TrailEntry.objects.count()
        page = reverse(address, args=[ids[of]] if of else [])
        answer = ask(scene.client(who), "POST", page, {field: elsewhere[field], "reason": "x", "words": "x"})
        assert answer.status == 200
        assert re.search(rf'href="#(id_)?{field}[^"]*">[^<]*(valid choice|not one of|[Cc]hoose|[Ss]elect)', answer.body)
        assert TrailEntry.objects.count() == before
        offered = ask(scene.client(who), "GET", page).body
        assert str(elsewhere[field]) not in offered


class TestHandingOn:
    def test_a_new_owner_gains_the_change_and_nothing_behind_it(self, scene: Scene) -> None:
        story, cast = scene.stories[RESTRICTED], scene.cast
        page = reverse("changes:change", args=[story.change.pk])
        assert ask(scene.client("colleague"), "GET", page).status == 404
        change = OperationalChange.objects.get(pk=story.change.pk)
        hand_over_change(by=cast.lead, at=AT, change=change, owner=cast.colleague, reason="Leaves the trust")
        answer = ask(scene.client("colleague"), "GET", page)
        assert answer.status == 200
        assert CANARY[RESTRICTED] not in answer.body
        assert story.incident.reference not in answer.body
        incident = reverse("home:incident", args=[story.incident.pk])
        assert ask(scene.client("colleague"), "GET", incident).status == 404

    def test_whoever_handed_it_on_keeps_what_is_theirs_otherwise_and_no_more(self, scene: Scene) -> None:
        story, cast = scene.stories[RESTRICTED], scene.cast
        for owner in (cast.colleague, cast.duty_manager):
            change = OperationalChange.objects.get(pk=story.change.pk)
            hand_over_change(by=cast.lead, at=AT, change=change, owner=owner, reason="Leaves the trust")
        page = reverse("changes:change", args=[story.change.pk])
        assert ask(scene.client("colleague"), "GET", page).status == 404


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_every_link_of_the_header_leads_to_a_page(scene: Scene, name: str) -> None:
    """A link to a page one may not see is a dead end, and tells that the page is there."""
    page = ask(scene.client(name), "GET", reverse("home:my_work")).body
    links = re.findall(r'class="nhsuk-header__navigation-link" href="([^"]+)"', page)
    assert reverse("home:my_work") in links
    assert [link for link in links if ask(scene.client(name), "GET", link).status != 200] == []


def test_every_link_of_an_incident_leads_to_a_page(scene: Scene) -> None:
    """For each person who may open it: what the page offers is theirs."""
    story = scene.stories[ORDINARY]
    dead = []
    for name in ("duty_manager", "supervisor", "quality_lead", "director", "reviewer", "lead"):
        page = ask(scene.client(name), "GET", reverse("home:incident", args=[story.incident.pk])).body
        main = page.partition("<main")[2]
        for link in sorted(set(re.findall(r'href="(/[^"#?]+)', main))):
            if ask(scene.client(name), "GET", link).status not in {200, 302}:
                dead.append(f"{name}: {link}")
    assert dead == []
