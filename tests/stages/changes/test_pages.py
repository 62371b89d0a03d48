"""Pages of changes and actions: who sees what, what a look leaves, what is kept, what is refused."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.changes.models import (
    Briefing,
    CompletionEvidence,
    EvidenceDecision,
    OperationalChange,
    RolloutProof,
    TrackedAction,
)
from saferpractice.changes.operations import withdraw_change
from saferpractice.changes.permissions import check_can_withdraw
from saferpractice.changes.queries import state_of
from saferpractice.changes.rules import ChangeState
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import FORMULA_SIGNS
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.refusals import Refused
from tests.factories.changes import (
    a_briefing_held,
    a_change,
    a_file,
    a_finding,
    a_live_change,
    a_template_in_use,
    an_action,
    some_evidence,
)
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

SEES_THE_INCIDENT = {"duty_manager", "supervisor", "lead", "reviewer", "quality_lead", "director"}
REACHED = {"worker", "colleague"}
OUTSIDE = {"worker_elsewhere", "duty_manager_elsewhere", "administrator", "commissioner", "inspector", "stranger"}


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def get(person: Person, name: str, *args: Any, **query: str) -> tuple[int, str]:
    response = signed_in(person).get(reverse(f"changes:{name}", args=args), query)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, html.unescape(body.decode())


def in_list(page: str, title: str) -> list[str]:
    """The cells of a change's row in the list, without the names of their columns."""
    row = next(one for one in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if title in one)
    cells = re.findall(r"<t[hd].*?</t[hd]>", re.sub(r'<span class="nhsuk-table__heading.*?</span>', "", row), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


class TestWhereAChangeStands:
    def test_the_list_says_since_when_or_from_when(self, cast: Cast) -> None:
        agreed = a_change(cast, title="Note with five questions")
        live = a_live_change(cast, title="Second number for nights")
        _, page = get(cast.lead, "list")
        assert in_list(page, agreed.title)[1] == "Agreed, not yet live From Wednesday 11 March 2026"
        assert in_list(page, live.title)[1] == "Live, rollout not proven Live since Wednesday 4 March 2026"
        assert in_list(page, live.title)[3:] == ["0 of 2", "Dale Marlow"]

    def test_a_refusal_stands_under_the_step_it_refuses(self, cast: Cast) -> None:
        change = a_change(cast)
        _, page = get(cast.worker, "change", change.pk)
        button = page[page.index('aria-disabled="true"') :]
        assert button.index("Take it live</button>") < button.index("Only its owner, or a reviewer, duty manager")
        assert "Not yet. Agreed for 11 March 2026" in page
        assert 'aria-disabled="true"' not in get(cast.duty_manager, "change", change.pk)[1]

    def test_withdrawing_does_not_promise_the_owner_what_they_may_not_do(self, cast: Cast) -> None:
        change = a_change(cast, owner=cast.colleague)
        with pytest.raises(Refused) as refused:
            check_can_withdraw(by=cast.colleague, at=NOW, change=change)
        assert refused.value.sentence.startswith("Only a reviewer, duty manager")
        assert "owner" not in refused.value.sentence

    @pytest.mark.parametrize(
        ("what", "heading"),
        [
            ("Put the five questions into the note.", "Put the five questions into the note."),
            ("Ask. " * 40, "Action"),
            ("First line\nSecond line", "Action"),
        ],
    )
    def test_an_action_is_headed_by_what_it_is_where_that_is_short(self, cast: Cast, what: str, heading: str) -> None:
        action = an_action(cast, what=what)
        _, page = get(cast.duty_manager, "action", action.pk)
        found = re.search(r"<h1.*?</h1>", page, re.DOTALL)
        assert found is not None
        assert " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()).endswith(heading)
        assert page[page.index("<main") :].count(action.what.split("\n")[0].strip()) == 1


def post(person: Person, name: str, *args: Any, follow: bool = False, **data: Any) -> Any:
    return signed_in(person).post(reverse(f"changes:{name}", args=args), data, follow=follow)


def looks(person: Person) -> list[tuple[str, bool]]:
    entries = AccessEntry.objects.filter(by_id=person.pk).order_by("at", "pk")
    return [(entry.page, entry.story_id is not None) for entry in entries]


@pytest.mark.requirement("R14")
class TestWhoSeesAChange:
    @pytest.mark.parametrize("who", sorted(SEES_THE_INCIDENT))
    def test_whoever_may_open_the_incident_sees_what_it_answers(self, cast: Cast, who: str) -> None:
        change = a_change(cast)
        person, finding = cast.people()[who], change.findings.get()
        status, page = get(person, "change", change.pk)
        assert status == 200
        assert change.monday in page
        assert finding.statement in page
        assert finding.incident.reference in page
        assert looks(person) == [("change", True)]

    @pytest.mark.parametrize("who", sorted(REACHED))
    def test_whom_it_reaches_sees_the_change_and_no_incident(self, cast: Cast, who: str) -> None:
        change = a_live_change(cast)
        a_briefing_held(cast, change, cast.north)
        person, finding = cast.people()[who], change.findings.get()
        status, page = get(person, "change", change.pk)
        assert status == 200
        assert change.monday in page
        assert "Rollout: 1 of 2 teams proven" in page
        assert finding.statement not in page
        assert finding.incident.reference not in page
        assert str(finding.incident_id) not in page
        assert looks(person) == [("change", False)]

    def test_whoever_reported_the_incident_learns_nothing_more_of_it_here(self, cast: Cast) -> None:
        change = a_change(cast)
        assert change.findings.get().incident.reporter == cast.worker
        assert change.findings.get().statement not in get(cast.worker, "change", change.pk)[1]

    @pytest.mark.parametrize("who", sorted(OUTSIDE))
    def test_everybody_else_finds_no_such_page(self, cast: Cast, who: str) -> None:
        change = a_change(cast)
        assert get(cast.people()[who], "change", change.pk)[0] == 404
        assert looks(cast.people()[who]) == []

    def test_its_owner_sees_it_wherever_they_work(self, cast: Cast) -> None:
        change = a_change(cast, owner=cast.worker_elsewhere)
        status, page = get(cast.worker_elsewhere, "change", change.pk)
        assert status == 200
        assert change.findings.get().statement not in page

    def test_somebody_kept_from_the_incident_sees_the_change_alone(self, cast: Cast) -> None:
        change = a_change(cast)
        finding = change.findings.get()
        keep_from(
            by=cast.lead, at=NOW, incident=finding.incident, person=cast.duty_manager, because=KeptFromReason.RELATIVE
        )
        status, page = get(cast.duty_manager, "change", change.pk)
        assert status == 200
        assert finding.statement not in page

    def test_a_change_of_a_restricted_incident_shows_no_detail_to_those_not_named(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")
        finding = a_finding(cast, review=a_review(cast, "B", incident=incident))
        change = a_change(cast, findings=[finding])
        assert finding.statement in get(cast.lead, "change", change.pk)[1]
        status, page = get(cast.quality_lead, "change", change.pk)
        assert status == 200  # it reaches teams of theirs
        assert finding.statement not in page
        assert incident.reference not in page

    def test_only_the_findings_of_incidents_one_may_open_are_shown(self, cast: Cast) -> None:
        here = a_finding(cast)
        elsewhere = an_incident(by=cast.worker_elsewhere, team=cast.east)
        there = a_finding(
            cast, review=a_review(cast, "B", incident=elsewhere), statement="Nobody covered the night duty."
        )
        change = a_change(cast, findings=[here, there])
        page = get(cast.duty_manager, "change", change.pk)[1]
        assert here.statement in page
        assert there.statement not in page
        assert "It also answers findings of incidents you may not open." in page

    def test_a_leaver_sees_nothing(self, cast: Cast) -> None:
        from saferpractice.access.operations import set_active

        change = a_change(cast)
        client = signed_in(cast.lead)
        set_active(by=cast.administrator, at=NOW, person=cast.lead, active=False)
        assert client.get(reverse("changes:change", args=[change.pk])).status_code == 302


@pytest.mark.requirement("R35")
class TestWhoSeesAnAction:
    @pytest.mark.parametrize("who", sorted(SEES_THE_INCIDENT))
    def test_whoever_may_open_the_incident(self, cast: Cast, who: str) -> None:
        action = an_action(cast)
        status, page = get(cast.people()[who], "action", action.pk)
        assert status == 200
        assert action.incident.reference in page
        assert looks(cast.people()[who]) == [("action", True)]

    def test_its_owner_wherever_they_work_without_the_incident(self, cast: Cast) -> None:
        action = an_action(cast, owner=cast.worker_elsewhere)
        status, page = get(cast.worker_elsewhere, "action", action.pk)
        assert status == 200
        assert action.what in page
        assert action.incident.reference not in page
        assert looks(cast.worker_elsewhere) == [("action", False)]

    @pytest.mark.parametrize("who", sorted(OUTSIDE | REACHED))
    def test_nobody_else(self, cast: Cast, who: str) -> None:
        action = an_action(cast)
        evidence = some_evidence(action)
        person = cast.people()[who]
        assert get(person, "action", action.pk)[0] == 404
        assert get(person, "evidence", evidence.pk)[0] == 404
        assert post(person, "give_evidence", action.pk).status_code == 404
        assert post(person, "decide", action.pk, evidence=evidence.pk).status_code == 404


class TestFormsAreForThoseWhoMay:
    """A page somebody may not act on is not there for them; the button on the page before says why."""

    @pytest.mark.requirement("R35")
    @pytest.mark.parametrize("who", sorted(REACHED | {"supervisor"}))
    @pytest.mark.parametrize("name", ["go_live", "briefing", "new_action", "hand_over", "withdraw"])
    def test_a_change_is_carried_by_few(self, cast: Cast, who: str, name: str) -> None:
        change = a_change(cast)
        assert get(cast.people()[who], name, change.pk)[0] == 404
        assert post(cast.people()[who], name, change.pk).status_code == 404

    @pytest.mark.requirement("R3")
    def test_a_supervisor_proves_their_own_team(self, cast: Cast) -> None:
        page = get(cast.supervisor, "proof", a_change(cast).pk, kind="briefing")[1]
        assert "North team" in page
        assert "South team" not in page

    @pytest.mark.requirement("R14")
    @pytest.mark.parametrize("who", ["worker", "supervisor", "administrator", "stranger", "duty_manager_elsewhere"])
    def test_a_change_is_agreed_by_few(self, cast: Cast, who: str) -> None:
        finding = a_finding(cast)
        person = cast.people()[who]
        assert get(person, "new", finding.review_id)[0] == 404
        assert post(person, "new", finding.review_id).status_code == 404
        if who != "supervisor":
            assert get(person, "answer", finding.pk)[0] == 404

    @pytest.mark.requirement("R35")
    def test_a_supervisor_reads_why_they_may_not(self, cast: Cast) -> None:
        page = get(cast.supervisor, "action", some_evidence(an_action(cast)).action.pk)[1]
        assert "may accept evidence or send it back" in page

    @pytest.mark.requirement("R14")
    @pytest.mark.parametrize("name", ["new", "new_review_action", "action_plan"])
    def test_a_review_that_is_not_there_and_one_not_to_be_seen_look_alike(self, cast: Cast, name: str) -> None:
        finding = a_finding(cast)
        assert get(cast.worker, name, finding.review_id)[0] == 404
        assert get(cast.lead, name, finding.pk)[0] == 404

    @pytest.mark.requirement("R35")
    def test_everything_is_behind_sign_in(self, cast: Cast) -> None:
        change, action = a_change(cast), an_action(cast)
        for name, args in (
            ("list", []),
            ("export", []),
            ("change", [change.pk]),
            ("action", [action.pk]),
            ("new", [change.findings.get().review_id]),
        ):
            response = Client().get(reverse(f"changes:{name}", args=args))
            assert response.status_code == 302
            assert "/account/" in response.headers["Location"]


def typed(cast: Cast, finding: Any, **changes: Any) -> dict[str, Any]:
    return {
        "submission_key": "a-key",
        "findings": [str(finding.pk)],
        "monday": "The visit note asks five questions and does not close unanswered.",
        "change_type": "risk-prompt",
        "title": "Checklist",
        "owner": str(cast.duty_manager.pk),
        "go_live_on": "2026-03-11",
        "reach": [str(cast.north.pk)],
        "briefing": "",
    } | changes


class TestAgreeing:
    @pytest.mark.requirement("R14")
    def test_a_change_is_agreed_and_shown(self, cast: Cast) -> None:
        finding = a_finding(cast)
        response = post(cast.reviewer, "new", finding.review_id, follow=True, **typed(cast, finding))
        change = OperationalChange.objects.get()
        assert response.redirect_chain[-1][0] == reverse("changes:change", args=[change.pk])
        assert "The change was agreed." in response.content.decode()

    @pytest.mark.requirement("R14")
    def test_sent_twice_it_is_agreed_once(self, cast: Cast) -> None:
        finding = a_finding(cast)
        for _ in range(2):
            assert post(cast.reviewer, "new", finding.review_id, **typed(cast, finding)).status_code == 302
        assert OperationalChange.objects.count() == 1

    @pytest.mark.requirement("R14")
    def test_the_finding_one_comes_from_is_chosen(self, cast: Cast) -> None:
        finding = a_finding(cast)
        response = signed_in(cast.reviewer).get(reverse("changes:answer", args=[finding.pk]), follow=True)
        assert f'value="{finding.pk}" checked' in " ".join(response.content.decode().split())

    @pytest.mark.requirement("R15")
    def test_a_reminder_is_refused_with_the_reason_and_everything_typed_is_kept(self, cast: Cast) -> None:
        finding = a_finding(cast)
        words = "Remind all staff to look for signs of self-neglect. O'Neil <b>too</b>."
        response = post(
            cast.reviewer, "new", finding.review_id, **typed(cast, finding, monday=words, title="Reminding")
        )
        page = html.unescape(response.content.decode())
        assert response.status_code == 200
        assert not OperationalChange.objects.exists()
        assert "a reminder is not a control" in page
        assert "a supervision prompt that requires high-risk cases to be discussed" in page
        assert words in page
        assert "<b>too</b>" not in response.content.decode()
        assert 'value="Reminding"' in page
        assert "Keep them as the briefing of the change I describe now" in page

    @pytest.mark.requirement("R15")
    def test_enter_in_a_field_never_keeps_a_briefing(self, cast: Cast) -> None:
        """A browser presses the first button of the form on Enter."""
        finding = a_finding(cast)
        a_change(cast, findings=[finding])
        sent = typed(cast, finding, monday="Remind staff to look for self-neglect.")
        page = post(cast.reviewer, "new", finding.review_id, **sent).content.decode()
        form = page[page.index("<form", page.index("<main")) :]
        first_button = form[form.index('type="submit"') - 80 : form.index('type="submit"') + 80]
        assert "keep_with" not in first_button
        assert "move" not in first_button

    @pytest.mark.requirement("R15")
    def test_its_words_move_to_the_briefing_of_the_change_described_now(self, cast: Cast) -> None:
        finding = a_finding(cast)
        sent = typed(cast, finding, monday="Remind staff to look.", briefing="Said before.", move="yes")
        response = post(cast.reviewer, "new", finding.review_id, **sent)
        form = response.context["form"] if response.context else None
        page = html.unescape(response.content.decode())
        assert "Said before.\n\nRemind staff to look." in page
        assert "There is a problem" not in page
        assert form is None or not form.errors
        assert not OperationalChange.objects.exists()

    @pytest.mark.requirement("R15")
    def test_its_words_are_kept_beside_a_change_there_is(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        sent = typed(cast, finding, monday="Remind staff to look.", keep_with=str(change.pk))
        response = post(cast.reviewer, "new", finding.review_id, follow=True, **sent)
        assert response.redirect_chain[-1][0] == reverse("changes:change", args=[change.pk])
        assert Briefing.objects.get().text == "Remind staff to look."
        assert OperationalChange.objects.count() == 1

    @pytest.mark.requirement("R15")
    def test_words_are_not_kept_beside_a_change_of_another_incident(self, cast: Cast) -> None:
        finding, other = a_finding(cast), a_change(cast)
        sent = typed(cast, finding, monday="Remind staff to look.", keep_with=str(other.pk))
        assert post(cast.reviewer, "new", finding.review_id, **sent).status_code == 200
        assert not Briefing.objects.exists()

    @pytest.mark.requirement("R14")
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"findings": []}, "Choose at least one finding that this change answers"),
            ({"monday": ""}, "Enter what is different for the worker on Monday"),
            ({"change_type": ""}, "Choose the type of change"),
            ({"title": ""}, "Enter a short name for the change"),
            ({"owner": ""}, "Choose who owns it"),
            ({"reach": []}, "Choose at least one team that this change must reach"),
            ({"go_live_on": ""}, "Enter the day it goes live"),
            ({"go_live_on": "2026-03-03"}, "must be today or in the future"),
            ({"cannot_be_passed": "on"}, "Say what stops the work going on without this step"),
            (
                {"cannot_be_passed": "on", "why_not_passed": "Must", "change_type": "training"},
                "can always be passed by",
            ),
        ],
    )
    def test_what_is_lacking_is_said(self, cast: Cast, changes: dict[str, Any], sentence: str) -> None:
        finding = a_finding(cast)
        response = post(cast.reviewer, "new", finding.review_id, **typed(cast, finding, **changes))
        assert response.status_code == 200
        assert sentence in html.unescape(response.content.decode())
        assert not OperationalChange.objects.exists()

    @pytest.mark.requirement("R14")
    def test_somebody_elses_finding_cannot_be_slipped_in(self, cast: Cast) -> None:
        finding = a_finding(cast)
        elsewhere = a_finding(cast, review=a_review(cast, "B", incident=an_incident(by=cast.worker, team=cast.east)))
        sent = typed(cast, finding, findings=[str(finding.pk), str(elsewhere.pk)])
        assert post(cast.duty_manager, "new", finding.review_id, **sent).status_code == 200
        assert not OperationalChange.objects.exists()

    @pytest.mark.requirement("R14")
    def test_a_review_without_a_finding_says_what_to_do_first(self, cast: Cast) -> None:
        assert "There is no finding to answer" in get(cast.reviewer, "new", a_review(cast).pk)[1]


class TestSmallForms:
    @pytest.mark.requirement("R3")
    def test_going_live(self, cast: Cast) -> None:
        change = a_change(cast)
        assert post(cast.duty_manager, "go_live", change.pk, live_at=NOW.isoformat()).status_code == 302
        assert state_of(OperationalChange.objects.get(pk=change.pk)) is ChangeState.LIVE

    @pytest.mark.requirement("R3")
    def test_going_live_before_it_was_agreed_is_refused_beside_the_field(self, cast: Cast) -> None:
        change = a_change(cast)
        early = (NOW - timedelta(days=2)).isoformat()
        page = html.unescape(post(cast.duty_manager, "go_live", change.pk, live_at=early, words="x").content.decode())
        assert "it cannot go live before that" in page
        assert not hasattr(OperationalChange.objects.get(pk=change.pk), "go_live")

    @pytest.mark.requirement("R35")
    def test_passing_on(self, cast: Cast) -> None:
        change, action = a_change(cast), an_action(cast)
        sent = {"owner": str(cast.supervisor.pk), "reason": "On leave from Friday"}
        assert post(cast.duty_manager, "hand_over", change.pk, **sent).status_code == 302
        assert post(cast.duty_manager, "hand_over_action", action.pk, **sent).status_code == 302
        assert OperationalChange.objects.get(pk=change.pk).owner == cast.supervisor
        assert TrackedAction.objects.get(pk=action.pk).owner == cast.supervisor

    @pytest.mark.requirement("R35")
    def test_only_people_who_work_here_are_offered_as_owners(self, cast: Cast) -> None:
        page = get(cast.lead, "hand_over", a_change(cast).pk)[1]
        assert cast.worker_elsewhere.name in page
        for person in (cast.commissioner, cast.inspector, cast.stranger):
            assert person.name not in page

    @pytest.mark.requirement("R2")
    def test_withdrawing(self, cast: Cast) -> None:
        change = a_change(cast)
        assert post(cast.lead, "withdraw", change.pk).status_code == 200
        assert post(cast.lead, "withdraw", change.pk, reason="Another way was found.").status_code == 302
        page = get(cast.lead, "change", change.pk)[1]
        assert "Another way was found." in page
        assert "Take it live" not in page

    @pytest.mark.requirement("R15")
    def test_keeping_a_briefing(self, cast: Cast) -> None:
        change = a_change(cast)
        assert post(cast.reviewer, "briefing", change.pk, text="Remember the note").status_code == 302
        assert "Remember the note" in get(cast.worker, "change", change.pk)[1]

    @pytest.mark.requirement("R35")
    def test_giving_out_an_action(self, cast: Cast) -> None:
        change = a_change(cast)
        review_id = change.findings.get().review_id
        sent = {"what": "Print the cards", "owner": str(cast.worker.pk), "due_on": "2026-03-20"}
        for name, pk in (("new_action", change.pk), ("new_review_action", review_id)):
            for _ in range(2):
                assert post(cast.reviewer, name, pk, **sent, submission_key=f"key-{name}").status_code == 302
        assert TrackedAction.objects.count() == 2
        assert "Print the cards" in get(cast.reviewer, "action_plan", review_id)[1]
        assert "Print the cards" in get(cast.reviewer, "change", change.pk)[1]


@pytest.mark.requirement("R3")
class TestProof:
    def test_the_kind_is_asked_first(self, cast: Cast) -> None:
        change = a_change(cast)
        assert "What shows that the change reached a team?" in get(cast.lead, "proof", change.pk)[1]
        assert "There is a problem" in get(cast.lead, "proof", change.pk, kind="hearsay")[1]

    def test_a_briefing_is_recorded(self, cast: Cast) -> None:
        change = a_change(cast)
        sent = {
            "teams": str(cast.north.pk),
            "held_on": "2026-03-04",
            "reached": "9",
            "needed": "10",
            "who": "The day shift",
            "file": a_file("sheet.txt"),
        }
        url = reverse("changes:proof", args=[change.pk]) + "?kind=briefing"
        assert signed_in(cast.lead).post(url, sent).status_code == 302
        row = RolloutProof.objects.get()
        assert (row.reached, row.needed, row.team, row.file.name) == (9, 10, cast.north, "sheet.txt")

    def test_a_template_is_recorded_for_several_teams_with_the_one_it_replaces(self, cast: Cast) -> None:
        change = a_change(cast)
        sent = {
            "teams": [str(cast.north.pk), str(cast.south.pk)],
            "held_on": "2026-03-04",
            "replaces": "uploaded",
            "file": a_file("new.txt", b"New words"),
            "previous_file": a_file("old.txt", b"Old words"),
        }
        url = reverse("changes:proof", args=[change.pk]) + "?kind=revised-template"
        assert signed_in(cast.lead).post(url, sent).status_code == 302
        assert RolloutProof.objects.count() == 2
        page = get(cast.lead, "change", change.pk)[1]
        assert "Rollout: 2 of 2 teams proven" in page
        row = RolloutProof.objects.filter(team=cast.north).get()
        page = get(cast.worker, "versions", change.pk, row.pk)[1]
        assert "1 line added, 1 line removed." in page
        assert "Old words" in page

    def test_the_next_version_replaces_one_recorded_before(self, cast: Cast) -> None:
        change = a_change(cast)
        (first,) = a_template_in_use(cast, change, [cast.north])
        sent = {
            "teams": [str(cast.north.pk)],
            "held_on": "2026-03-04",
            "replaces": str(first.file_id),
            "file": a_file("v3.txt", b"Version 3"),
        }
        url = reverse("changes:proof", args=[change.pk]) + "?kind=revised-template"
        assert signed_in(cast.lead).post(url, sent).status_code == 302
        assert RolloutProof.objects.latest("pk").previous_file == first.file

    def test_a_refused_proof_keeps_what_was_typed_and_says_to_choose_the_file_again(self, cast: Cast) -> None:
        change = a_change(cast)
        sent = {
            "teams": [str(cast.north.pk)],
            "held_on": "2026-03-05",
            "replaces": "none",
            "no_previous_because": "There was no template",
            "words": "Why it is new",
            "file": a_file("new.txt", b"New words"),
        }
        url = reverse("changes:proof", args=[change.pk]) + "?kind=revised-template"
        page = html.unescape(signed_in(cast.lead).post(url, sent).content.decode())
        assert "must be today or in the past" in page
        assert "There was no template" in page
        assert "Why it is new" in page
        assert "Choose your files again" in page
        assert not RolloutProof.objects.exists()

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("virus.exe", b"MZ", "The file must be one of"),
            ("note.pdf", b"not a pdf", "look like"),
            ("empty.txt", b"", "empty"),
        ],
    )
    def test_a_file_of_another_kind_is_refused(self, cast: Cast, name: str, content: bytes, sentence: str) -> None:
        change = a_change(cast)
        sent = {"replaces": "none", "file": a_file(name, content)}
        url = reverse("changes:proof", args=[change.pk]) + "?kind=revised-template"
        assert sentence in html.unescape(signed_in(cast.lead).post(url, sent).content.decode())

    def test_files_that_cannot_be_read_are_compared_by_their_facts_and_the_page_says_so(self, cast: Cast) -> None:
        change = a_change(cast)
        (row,) = a_template_in_use(
            cast, change, [cast.north], old=b"%PDF-1", new=b"%PDF-2", name="note.pdf", kind="application/pdf"
        )
        page = get(cast.lead, "versions", change.pk, row.pk)[1]
        assert "The words of these files cannot be read here" in page
        assert row.file.sha256[:16] in page
        assert row.previous_file.sha256[:16] in page

    def test_a_damaged_file_is_not_shown_as_if_it_were_whole(self, cast: Cast) -> None:
        from django.core.files.storage import default_storage

        change = a_change(cast)
        (row,) = a_template_in_use(cast, change, [cast.north])
        with default_storage.open(row.file.path, "wb") as file:
            file.write(b"Something else")
        page = get(cast.lead, "versions", change.pk, row.pk)[1]
        assert "no longer matches the fingerprint" in page
        assert "Something else" not in page

    def test_a_hostile_template_is_text_and_nothing_else(self, cast: Cast) -> None:
        change = a_change(cast)
        (row,) = a_template_in_use(cast, change, [cast.north], new=b"<script>alert(1)</script>\n")
        response = signed_in(cast.lead).get(reverse("changes:versions", args=[change.pk, row.pk]))
        assert b"<script>alert(1)" not in response.content
        assert b"&lt;script&gt;alert(1)" in response.content


class TestFiles:
    def download(self, person: Person, name: str, *args: Any) -> Any:
        response = signed_in(person).get(reverse(f"changes:{name}", args=args))
        if response.streaming:
            response.body = b"".join(response.streaming_content)
        return response

    @pytest.mark.requirement("R3")
    def test_whom_a_change_reaches_may_fetch_the_template_they_use(self, cast: Cast) -> None:
        change = a_change(cast)
        (row,) = a_template_in_use(cast, change, [cast.north], new=b"New words")
        response = self.download(cast.worker, "file", change.pk, row.file_id)
        assert response.body == b"New words"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "sandbox"

    @pytest.mark.requirement("R3")
    @pytest.mark.parametrize("who", sorted(OUTSIDE))
    def test_nobody_else_may(self, cast: Cast, who: str) -> None:
        change = a_change(cast)
        (row,) = a_template_in_use(cast, change, [cast.north])
        assert self.download(cast.people()[who], "file", change.pk, row.file_id).status_code == 404

    @pytest.mark.requirement("R3", "R35")
    def test_a_file_is_reached_only_through_what_it_belongs_to(self, cast: Cast) -> None:
        change, action = a_change(cast), an_action(cast)
        (row,) = a_template_in_use(cast, a_change(cast), [cast.north])
        evidence = some_evidence(action, upload=a_file())
        assert self.download(cast.lead, "file", change.pk, row.file_id).status_code == 404
        assert self.download(cast.lead, "file", change.pk, evidence.file_id).status_code == 404
        assert self.download(cast.lead, "evidence_file", action.pk, row.file_id).status_code == 404
        assert self.download(cast.lead, "evidence_file", action.pk, evidence.file_id).status_code == 200

    @pytest.mark.requirement("R35")
    @pytest.mark.parametrize("who", sorted(OUTSIDE | REACHED))
    def test_evidence_is_fetched_by_those_who_see_the_action(self, cast: Cast, who: str) -> None:
        action = an_action(cast)
        evidence = some_evidence(action, upload=a_file())
        assert self.download(cast.people()[who], "evidence_file", action.pk, evidence.file_id).status_code == 404


@pytest.mark.requirement("R35")
class TestActionPage:
    def test_evidence_is_given_and_accepted_by_somebody_else(self, cast: Cast) -> None:
        action = an_action(cast)
        sent = {"evidence-words": "It is in use.", "evidence-record": "Form version 14"}
        assert post(cast.duty_manager, "give_evidence", action.pk, **sent).status_code == 302
        evidence = CompletionEvidence.objects.get()
        assert "Somebody else decides" in get(cast.duty_manager, "action", action.pk)[1]
        assert "decision-decision" in get(cast.quality_lead, "action", action.pk)[1]
        decision = {"evidence": str(evidence.pk), "decision-decision": "accept"}
        assert post(cast.quality_lead, "decide", action.pk, **decision).status_code == 302
        assert EvidenceDecision.objects.get().accepted
        assert "Give evidence that it is done" not in get(cast.duty_manager, "action", action.pk)[1]

    def test_words_alone_are_refused_and_kept(self, cast: Cast) -> None:
        action = an_action(cast)
        response = post(cast.duty_manager, "give_evidence", action.pk, **{"evidence-words": "Done, honestly."})
        page = html.unescape(response.content.decode())
        assert "Add a file, or enter the record" in page
        assert "Done, honestly." in page
        assert not CompletionEvidence.objects.exists()

    def test_sending_back_without_saying_what_is_lacking_is_refused(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast))
        sent = {"evidence": str(evidence.pk), "decision-decision": "send-back"}
        response = post(cast.quality_lead, "decide", evidence.action_id, **sent)
        assert "Say what is lacking" in html.unescape(response.content.decode())
        assert not EvidenceDecision.objects.exists()

    def test_an_owner_who_posts_all_the_same_finds_no_such_page(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast, owner=cast.lead))
        sent = {"evidence": str(evidence.pk), "decision-decision": "accept"}
        assert post(cast.lead, "decide", evidence.action_id, **sent).status_code == 404
        assert not EvidenceDecision.objects.exists()

    def test_a_decision_on_evidence_that_was_decided_meanwhile_says_so(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast))
        sent = {"evidence": str(evidence.pk), "decision-decision": "accept"}
        post(cast.quality_lead, "decide", evidence.action_id, **sent)
        response = post(cast.lead, "decide", evidence.action_id, **sent)
        assert "Somebody else decided on this evidence meanwhile" in html.unescape(response.content.decode())

    @pytest.mark.parametrize(
        "sent", [{}, {"evidence": "nonsense"}, {"evidence": "01a208c3-f516-76d3-aa22-b34d5abfe9cd"}]
    )
    def test_evidence_of_another_action_is_not_decided_here(self, cast: Cast, sent: dict[str, str]) -> None:
        some_evidence(an_action(cast))
        action = an_action(cast)
        assert post(cast.quality_lead, "decide", action.pk, **sent).status_code == 404

    def test_an_address_of_evidence_leads_to_its_action(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast))
        response = signed_in(cast.quality_lead).get(reverse("changes:evidence", args=[evidence.pk]))
        assert response.headers["Location"] == reverse("changes:action", args=[evidence.action_id])

    def test_an_overdue_action_says_so(self, cast: Cast, the_clock: Any) -> None:
        action = an_action(cast)
        the_clock.stand_at(NOW + timedelta(days=20))
        assert 'nhsuk-tag--red">Late<' in get(cast.lead, "action", action.pk)[1]

    def test_a_form_opened_by_its_address_shows_the_action(self, cast: Cast) -> None:
        action = an_action(cast)
        for name in ("give_evidence", "decide"):
            response = signed_in(cast.lead).get(reverse(f"changes:{name}", args=[action.pk]))
            assert response.headers["Location"] == reverse("changes:action", args=[action.pk])


@pytest.mark.requirement("R14", "R35")
class TestList:
    def test_it_shows_what_the_person_may_see(self, cast: Cast) -> None:
        here = a_change(cast, title="Here")
        elsewhere = an_incident(by=cast.worker_elsewhere, team=cast.east)
        finding = a_finding(cast, review=a_review(cast, "B", incident=elsewhere))
        a_change(cast, findings=[finding], reach=[cast.east], title="There", owner=cast.duty_manager_elsewhere)
        page = get(cast.worker, "list")[1]
        assert f">{here.title}<" in page
        assert ">There<" not in page
        assert ">There<" in get(cast.lead, "list")[1]
        assert looks(cast.lead)[-1] == ("changes list", False)

    @pytest.mark.parametrize("who", ["administrator", "commissioner", "inspector"])
    def test_who_has_no_list(self, cast: Cast, who: str) -> None:
        a_change(cast)
        assert get(cast.people()[who], "list")[0] == 404
        assert get(cast.people()[who], "export")[0] == 404

    @pytest.fixture
    def three(self, cast: Cast) -> dict[str, OperationalChange]:
        proven = a_live_change(cast, title="Proven prompt")
        a_template_in_use(cast, proven, [cast.north, cast.south])
        withdrawn = a_change(cast, title="Withdrawn policy", change_type="policy")
        withdraw_change(by=cast.lead, at=NOW, change=withdrawn, reason="Another way was found.")
        agreed = a_change(cast, title="Night cover", change_type="staffing-or-cover", reach=[cast.east])
        return {"proven": proven, "withdrawn": withdrawn, "agreed": agreed}

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({}, {"proven", "withdrawn", "agreed"}),
            ({"state": "proven"}, {"proven"}),
            ({"state": "withdrawn"}, {"withdrawn"}),
            ({"state": "agreed"}, {"agreed"}),
            ({"state": "live"}, set()),
            ({"type": "policy"}, {"withdrawn"}),
            ({"strength": "weaker"}, {"withdrawn"}),
            ({"strength": "intermediate"}, {"proven", "agreed"}),
            ({"q": "night COVER"}, {"agreed"}),
            ({"q": "night prompt"}, set()),
            ({"state": "nonsense", "strength": "huge"}, {"proven", "withdrawn", "agreed"}),
        ],
    )
    def test_it_is_narrowed(
        self, cast: Cast, three: dict[str, OperationalChange], query: dict[str, str], shown: set[str]
    ) -> None:
        page = get(cast.lead, "list", **query)[1]
        assert {name for name, change in three.items() if f">{change.title}<" in page} == shown

    def test_it_is_narrowed_to_a_service(self, cast: Cast, three: dict[str, OperationalChange]) -> None:
        page = get(cast.lead, "list", service=str(cast.harbour.pk))[1]
        assert three["agreed"].title in page
        assert three["proven"].title not in page

    def test_it_goes_on_with_older_ones(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        from saferpractice.changes.queries import seen

        monkeypatch.setattr(seen, "PAGE", 2)
        finding = a_finding(cast)
        for number in range(5):
            a_change(cast, findings=[finding], title=f"Change number {number}", at=NOW)
        client, address, found = signed_in(cast.lead), reverse("changes:list"), []
        for _ in range(3):
            response = client.get(address)
            page = response.content.decode()
            found += [number for number in range(5) if f"Change number {number}<" in page]
            older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0] if 'rel="next"' in page else ""
            address = reverse("changes:list") + html.unescape(older)
        assert sorted(found) == [0, 1, 2, 3, 4]
        assert not older

    @pytest.mark.parametrize("after", ["nonsense", "01a208c3-f516-76d3-aa22-b34d5abfe9cd", "'; drop table"])
    def test_an_odd_address_shows_the_first_page(self, cast: Cast, after: str) -> None:
        a_change(cast)
        assert "Self-neglect checklist" in get(cast.lead, "list", after=after)[1]

    def test_the_mix_is_set_beside_published_figures(self, cast: Cast) -> None:
        finding = a_finding(cast)
        for number in range(10):
            a_change(cast, findings=[finding], change_type="training" if number < 7 else "tool", title=f"C{number}")
        page = get(cast.lead, "list")[1]
        for figure in ("70%", "30%", "8%", "44%", "48%", "2%", "15%", "82%"):
            assert figure in page
        assert "https://pmc.ncbi.nlm.nih.gov/articles/PMC7275338/" in page

    def test_a_mix_of_few_is_counted_only(self, cast: Cast) -> None:
        a_change(cast)
        assert "too few changes for percentages" in get(cast.lead, "list")[1]

    def test_nothing_yet_says_where_changes_come_from(self, cast: Cast) -> None:
        assert "No changes yet" in get(cast.lead, "list")[1]
        assert "No change fits" in get(cast.lead, "list", q="zebra")[1]


@pytest.mark.requirement("R35")
class TestExport:
    def rows(self, person: Person, **query: str) -> list[list[str]]:
        status, text = get(person, "export", **query)
        assert status == 200
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))

    def test_no_cell_can_be_run_by_a_spreadsheet(self, cast: Cast) -> None:
        for number, attack in enumerate(("=1+1", "+44", "-2+3", "@SUM(A1)", "\t=1", "  =HYPERLINK('x')")):
            a_change(
                cast,
                title=f"{attack} {number}",
                monday=f"{attack}\nThe note asks, and does not close unanswered.",
            )
        header, *lines = self.rows(cast.lead)
        assert len(lines) == 6
        assert all(len(line) == len(header) for line in lines)
        assert not [cell for line in [header, *lines] for cell in line if cell[:1] in FORMULA_SIGNS and cell]

    def test_it_says_what_the_list_says(self, cast: Cast) -> None:
        change = a_live_change(cast)
        a_template_in_use(cast, change, [cast.north])
        header, line = self.rows(cast.lead)
        cells = dict(zip(header, line, strict=True))
        assert cells["Change"] == change.title
        assert cells["State"] == "Live, rollout partly proven"
        assert (cells["Teams reached"], cells["Teams to reach"], cells["Not yet proven in"]) == ("1", "2", "South team")
        assert cells["Live since"] == local_day(NOW).isoformat()
        assert cells["Link"].endswith(reverse("changes:change", args=[change.pk]))
        assert looks(cast.lead)[-1] == ("changes export", False)

    def test_it_holds_what_is_shown_and_no_more(self, cast: Cast) -> None:
        a_change(cast, change_type="policy")
        a_change(cast)
        assert len(self.rows(cast.lead, strength="weaker")) == 2
        assert len(self.rows(cast.worker_elsewhere)) == 1

    def test_its_cost_does_not_grow_with_each_change(
        self, cast: Cast, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        finding = a_finding(cast)
        for number in range(12):
            a_change(cast, findings=[finding], title=f"Change {number}")
        client = signed_in(cast.lead)
        with django_assert_max_num_queries(25):
            b"".join(client.get(reverse("changes:export")).streaming_content)
        with django_assert_max_num_queries(32):
            client.get(reverse("changes:list"))


@pytest.mark.requirement("R11")
class TestActionPlan:
    def test_a_formal_review_asks_for_it_and_it_is_supplied(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        an_action(cast, review=review)
        assert "Supply the plan to the review" in get(cast.reviewer, "action_plan", review.pk)[1]
        assert post(cast.reviewer, "action_plan", review.pk, words="Two weeks").status_code == 302
        supplied = review.documents.filter(kind="action-plan").order_by("-decided_at", "-pk")[0]
        assert (supplied.from_type, supplied.from_id) == ("changes.actionplan", review.action_plans.get().pk)
        assert "Last supplied by Rowan Thwaite" in get(cast.reviewer, "action_plan", review.pk)[1]

    def test_a_plan_without_an_action_is_refused(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        assert "Give out at least one action first" in html.unescape(
            post(cast.reviewer, "action_plan", review.pk).content.decode()
        )
        assert not review.documents.filter(kind="action-plan").exists()

    def test_somebody_who_only_reads_is_told_why(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        status, page = get(cast.supervisor, "action_plan", review.pk)
        assert status == 200
        assert "may plan the actions of a review" in page
        assert post(cast.supervisor, "action_plan", review.pk).status_code == 404

    def test_a_rapid_review_asks_for_none(self, cast: Cast) -> None:
        assert "Supply the plan" not in get(cast.reviewer, "action_plan", a_review(cast).pk)[1]
