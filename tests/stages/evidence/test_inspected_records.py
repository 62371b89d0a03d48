"""What an inspector is told of each record: in words that fit a count, by role, and nothing of who anybody is (R34)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from saferpractice.assurance.operations.supervision import correct_discussion
from saferpractice.changes.operations import decide_evidence, withdraw_change
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.queries.inspected import story_of
from saferpractice.evidence.queries.inspections import known_names
from saferpractice.evidence.rules.inspections import Statement, Story
from saferpractice.findings.models import Finding
from saferpractice.home.queries.why import everybody, incident_numbered, why
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import correct_report, grade_harm
from saferpractice.incidents.rules import PART_WORDS
from tests.factories.audits import READ_AT, a_draw, an_audit_plan, read_all
from tests.factories.changes import a_briefing_held, a_finding, a_live_change, an_action, some_evidence
from tests.factories.commissioning import somebody
from tests.factories.incidents import an_incident
from tests.factories.inspections import IDENTITY, LOOKED_AT, an_inspection
from tests.factories.reviews import a_review, completed
from tests.factories.supervision import AT, a_point, account, supervised, talked
from tests.factories.triage import a_triage, choose, do_not_refer, refer
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]
SUPPORT, AFRAID = "She has support at home and accepts it.", "Maud said that she is afraid of him."
GRAVE = "The harm that could have come of it is grave, and it repeats."
STAGES = ["report", "triage", "tier", "review", "timeline", "findings", "changes", "actions", "worked", "supervision"]


def told(story: Story, code: str) -> tuple[Statement, ...]:
    """The statements of one stage."""
    return next(part.statements for part in story.parts if part.code == code)


def labels(story: Story, code: str) -> list[str]:
    return [one.label for one in told(story, code)]


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, person_reference="P-K731", person_name="Maud Ashgrove")


@pytest.fixture
def made(cast: Cast) -> Inspection:
    return an_inspection(cast, at=READ_AT)


def test_a_bare_report_says_of_each_later_stage_that_nothing_is_there(incident: Incident, made: Inspection) -> None:
    story = story_of(made, incident)
    assert [part.code for part in story.parts] == STAGES
    assert [part.code for part in story.parts if part.statements] == ["report"]
    assert len({part.nothing for part in story.parts if not part.statements}) == 9
    assert (story.tier, story.identity, story.defensible) == ("No tier decided", None, False)
    report = told(story, "report")[0]
    assert (str(report.by), str(report.reference)) == ("Support worker", f"Incident {incident.reference}")
    assert report.words[0][0] == "What happened"


@pytest.mark.parametrize(
    ("reported_as", "said"),
    [({}, "Support worker"), ({"name_withheld": True}, "None"), ({"by": "supervisor"}, "Supervisor")],
)
def test_of_whoever_reported_there_is_their_role_or_nothing(
    cast: Cast, made: Inspection, reported_as: dict[str, Any], said: str
) -> None:
    by = cast.people()[reported_as.pop("by", "worker")] if "by" in reported_as else cast.worker
    incident = an_incident(by=by, team=cast.north, **reported_as)
    part = next(iter(PART_WORDS))
    correct_report(by=by, at=NOW, incident=incident, part=part, text="It rained.", reason="Left out.")
    grade_harm(
        by=cast.lead, at=NOW, incident=incident, physical_harm="moderate", psychological_harm="low", reason="Seen"
    )
    story = story_of(made, Incident.objects.get(pk=incident.pk))
    found = {one.label.split(":")[0].split(";")[0]: str(one.by) for one in told(story, "report")}
    assert found == {"Reported": said, "Harm graded": "Safeguarding lead", "Added to the report": said}
    assert story.harm == "Moderate harm"


def test_decisions_stand_beside_each_other_and_the_newest_is_in_force(
    cast: Cast, incident: Incident, made: Inspection
) -> None:
    a_triage(by=cast.lead, incident=incident, threshold=do_not_refer(SUPPORT), tier=choose("A"))
    a_triage(by=cast.director, incident=incident, at=NOW + timedelta(hours=1), threshold=refer(AFRAID),
             tier=choose("C", GRAVE))  # fmt: skip
    story = story_of(made, incident)
    decisions = [one for one in told(story, "triage") if one.reference.kind == "Threshold decision"]
    assert [one.state for one in decisions] == [("Earlier", "quiet"), ("In force", "working")]
    assert [str(one.by) for one in decisions] == ["Safeguarding lead", "Director"]
    words = [str(text) for one in decisions for _, text in one.words]
    assert words == [SUPPORT, AFRAID.replace("Maud", "[name removed]")]
    assert story.tier.startswith("Tier C")
    assert any("departing from the rules" in label for label in labels(story, "tier"))


def carried(cast: Cast, incident: Incident, teams: int = 1) -> Any:
    """A live change that answers a finding of it, for one team or two."""
    finding = a_finding(cast, review=a_review(cast, "B", incident=incident))
    return a_live_change(cast, findings=[finding], reach=[cast.north, cast.south][:teams], live_at=NOW)


@pytest.mark.parametrize(("teams", "said"), [(1, "0 of 1 team reached"), (2, "0 of 2 teams reached")])
def test_teams_are_counted_in_words_that_fit(
    cast: Cast, incident: Incident, made: Inspection, teams: int, said: str
) -> None:
    change = carried(cast, incident, teams)
    assert labels(story_of(made, incident), "changes")[0].endswith(said)
    a_briefing_held(cast, change, cast.north)
    assert f"1 of {said[5:]}" in labels(story_of(made, incident), "changes")[0]


@pytest.mark.parametrize(
    ("times", "workers", "said"),
    [(0, 0, "0 times, with 0 workers"), (1, 1, "1 time, with 1 worker"), (2, 1, "2 times, with 1 worker"),
     (1, 2, "2 times, with 2 workers")],
)  # fmt: skip
def test_discussions_are_counted_and_nobody_who_held_one_is_named(
    cast: Cast, incident: Incident, made: Inspection, times: int, workers: int, said: str
) -> None:
    supervised(cast)
    point = a_point(cast, source=carried(cast, incident))
    for number in range(times):
        talked(cast.supervisor, [cast.worker, cast.colleague][:workers], point, at=AT + timedelta(hours=number))
    (found,) = told(story_of(made, incident), "supervision")
    assert found.label == f"Learning point discussed {said}"
    assert str(found.by) == "Reviewer"


def test_a_discussion_taken_back_is_not_counted(cast: Cast, incident: Incident, made: Inspection) -> None:
    supervised(cast)
    point = a_point(cast, source=carried(cast, incident))
    (held,) = talked(cast.supervisor, cast.worker, point)
    correct_discussion(
        by=cast.supervisor, at=AT, discussion=held, account=account(point), because="Not held", submission_key="k",
        taken_back=True,
    )  # fmt: skip
    assert labels(story_of(made, incident), "supervision") == ["Learning point discussed 0 times, with 0 workers"]


@pytest.mark.parametrize(("records", "said"), [(1, "1 of 1 record met"), (2, "2 of 2 records met")])
def test_an_audit_says_how_many_records_met_the_standard(
    cast: Cast, incident: Incident, made: Inspection, records: int, said: str
) -> None:
    plan = an_audit_plan(cast, change=carried(cast, incident))
    read_all(a_draw(cast, plan=plan, records=records), by=cast.quality_lead)
    (found,) = [one for one in told(story_of(made, incident), "worked") if one.reference.kind == "Audit result"]
    assert f"({said} the standard)" in found.label
    assert str(found.by) == "Quality lead"


@pytest.mark.parametrize(
    ("decided", "states"),
    [(None, ("Waiting", "waiting")), (True, ("Accepted", "good")), (False, ("Sent back", "warning"))],
)
def test_evidence_of_an_action_says_whether_it_was_accepted(
    cast: Cast, incident: Incident, made: Inspection, decided: object, states: tuple[str, str]
) -> None:
    evidence = some_evidence(an_action(cast, change=carried(cast, incident)), words="Printed by Dale Marlow")
    if decided is not None:
        decide_evidence(by=cast.lead, at=NOW, evidence=evidence, accepted=bool(decided), reason="Look again at it.")
    action, shown = told(story_of(made, incident), "actions")
    assert shown.state == states
    assert action.state is not None and (action.state[1] == "good") is bool(decided)
    assert str(shown.words[0][1]) == "Printed by [name removed]"


@pytest.mark.parametrize("late", [False, True])
def test_a_review_is_in_time_or_late(cast: Cast, incident: Incident, made: Inspection, late: bool) -> None:
    review = a_review(cast, "B", incident=incident)
    completed(review, cast, at=review.due_at + timedelta(seconds=late))
    (end,) = [one for one in told(story_of(made, incident), "review") if one.reference.kind == "Review completion"]
    assert end.state == (("Late", "warning") if late else ("In time", "good"))
    documents = [one for one in told(story_of(made, incident), "review") if one.reference.kind == "Review document"]
    assert documents and {one.state for one in documents} == {("Present", "good")}


def test_a_change_withdrawn_stays_in_the_story_and_says_so(cast: Cast, incident: Incident, made: Inspection) -> None:
    change = carried(cast, incident)
    withdraw_change(by=cast.lead, at=NOW, change=change, reason="Maud Ashgrove came to harm by it")
    first = told(story_of(made, incident), "changes")[0]
    assert first.state is not None and first.state[1] == "quiet"
    assert Finding.objects.filter(changes=change).exists()


def test_every_statement_has_a_record_of_its_own_and_no_name(cast: Cast, incident: Incident, made: Inspection) -> None:
    a_triage(
        by=cast.lead,
        incident=incident,
        threshold=refer("Corin Vale saw that Maud was afraid of him."),
        tier=choose("C", GRAVE),
    )
    some_evidence(an_action(cast, change=carried(cast, incident), what="Dale prints it"))
    every = [one for part in story_of(made, incident).parts for one in part.statements]
    references = [str(one.reference) for one in every]
    assert len(set(references)) == len(references) > 6
    assert all(re.fullmatch(r"Incident \d{4}-\d+|[A-Z][a-z ]+ [0-9a-f]{8}", one) for one in references)
    said = " ".join(f"{one.label} {one.by} {name} {text}" for one in every for name, text in one.words)
    for name in ("Maud", "Ashgrove", "K731", "Corin", "Vale", "Dale", "Marlow", "Wren", "Penrose"):
        assert name not in said


@pytest.mark.parametrize("how", ["no reason", "shown", "no name", "nobody", "unreadable"])
def test_identity_is_as_much_as_is_recorded_and_disclosed(cast: Cast, how: str) -> None:
    about = {"no name": {"person_name": ""}, "nobody": {"person_reference": "", "person_name": ""}}
    known = {"person_reference": "P-K731", "person_name": "Maud Ashgrove"} | about.get(how, {})
    incident = an_incident(by=cast.worker, team=cast.north, **known)
    if how == "unreadable":
        PersonSupported.objects.filter(reference="P-K731").update(name_encrypted="v1:nothing that can be read")
    made = an_inspection(cast, identity=None if how == "no reason" else IDENTITY)
    found = story_of(made, Incident.objects.get(pk=incident.pk)).identity
    if how in {"no reason", "nobody"}:
        assert found is None
        return
    assert found is not None
    assert (found.reference, found.name) == ("P-K731", "Maud Ashgrove" if how == "shown" else "")
    assert found.because == IDENTITY.because


def test_who_can_be_meant_is_everybody_of_this_provider_and_nobody_else(cast: Cast, incident: Incident) -> None:
    an_incident(by=cast.worker, team=cast.east, person_reference="P-9", person_name="Tibor Lindqvist")
    known = known_names(cast.provider.pk, Incident.objects.filter(pk=incident.pk))
    names = {name for name, _ in known.names}
    assert "Maud Ashgrove" in names
    assert {person.name for name, person in cast.people().items() if name != "stranger"} <= names
    assert cast.stranger.name not in names
    assert "Tibor Lindqvist" not in names, "no record of this incident is about him"
    assert {one for one, _ in known.references} == {"P-K731", "P-9"}, "references are looked for whoever they are of"


# Why somebody sees it


def no_inspection(cast: Cast) -> None:
    """None is open."""


def of_another_service(cast: Cast) -> None:
    an_inspection(cast, services=[cast.harbour])


def covering(cast: Cast) -> None:
    an_inspection(cast)


INSPECTED: list[tuple[Callable[[Cast], None], bool, str]] = [
    (no_inspection, False, "No inspection is open to them."),
    (of_another_service, False, "No inspection that is open to them covers it."),
    (covering, True, "Inspection INS-117 covers it and is open to them."),
]


@pytest.mark.parametrize(("state", "allowed", "sentence"), INSPECTED)
def test_the_reason_is_said_for_the_inspector_and_nobody_else(
    cast: Cast, incident: Incident, state: Callable[[Cast], None], allowed: bool, sentence: str
) -> None:
    state(cast)
    said = {name: why(person, LOOKED_AT, incident) for name, person in cast.people().items() if name != "stranger"}
    assert (said["inspector"][2].allowed, said["inspector"][2].sentence) == (allowed, sentence)
    others = {name: found[2].sentence for name, found in said.items() if name != "inspector"}
    assert set(others.values()) == {"No inspection is open to them."}
    assert {name for name, found in said.items() if found[1].allowed} == {"worker"}
    assert {found[1].sentence for name, found in said.items() if name != "worker"} == {"They did not report it."}
    assert all(one.sentence.endswith(".") for found in said.values() for one in found)


@pytest.mark.parametrize("typed", [" {} ", "{}\u200b", "#{}", "{}'", "", "%", "2026", "９"], ids=range(8))
def test_a_number_is_found_as_it_is_kept_and_no_other_way(cast: Cast, incident: Incident, typed: str) -> None:
    found = incident_numbered(cast.provider.pk, typed.format(incident.reference))
    assert found == (incident if typed in {" {} ", "{}\u200b"} else None)
    assert incident_numbered(cast.stranger.provider_id, incident.reference) is None


def test_those_who_left_are_asked_about_too_and_nobody_of_elsewhere(cast: Cast) -> None:
    from saferpractice.access.operations import set_active
    from saferpractice.access.rules import Place, Role

    gone = somebody("gone", Role.REVIEWER, Place(cast.provider.pk), name="Abel Gone")
    set_active(by=cast.administrator, at=NOW, person=gone, active=False)
    names = list(everybody(cast.provider.pk).values_list("name", flat=True))
    assert names == sorted(names)
    assert "Abel Gone" in names
    assert cast.stranger.name not in names
