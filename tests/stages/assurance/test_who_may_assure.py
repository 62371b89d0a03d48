"""Every step of assurance, tried by everybody: who may, what they are told, and what is written when they may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model

from saferpractice.access.models import Person
from saferpractice.access.operations import end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.models import (
    Absence,
    AuditPlan,
    AuditPlanEnd,
    AuditPopulation,
    AuditScore,
    AuditSeed,
    ChartRebase,
    ChartRebaseWithdrawal,
    DiscussionAnswer,
    ImpactPlan,
    ImpactResult,
    LearningPoint,
    LearningPointWithdrawal,
    SupervisedBy,
    SupervisionDiscussion,
    SupervisionSetting,
)
from saferpractice.assurance.operations import (
    amend_plan,
    declare_audit,
    declare_plan,
    end_audits,
    enter_result,
    enter_seed,
    freeze_list,
    score_record,
    withdraw_rebase,
)
from saferpractice.assurance.operations.supervision import (
    answer_discussion,
    correct_discussion,
    record_absence,
    record_discussions,
    set_supervision_needs,
    set_supervisor,
    withdraw_learning_point,
    word_learning_point,
)
from saferpractice.assurance.rules.supervision import Needs
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.deadlines.rules import local_day
from saferpractice.findings.models import Finding
from saferpractice.incidents.operations import decide_restriction
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.assurance import DECLARED_AT, a_plan, a_rebase, declared
from tests.factories.audits import (
    FROM,
    FROZEN_AT,
    READ_AT,
    SEED,
    SEEDED_AT,
    TO,
    a_list,
    an_audit_plan,
    audited,
    consultations,
    seeded,
)
from tests.factories.changes import a_finding, a_live_change
from tests.factories.commissioning import somebody
from tests.factories.supervision import AT, WORDING, a_point, a_talk, account, supervised
from tests.personas import NOW, SET_UP, usual_cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16", "R37", "R38")]
TABLES: tuple[Any, ...] = (
    ImpactPlan, ImpactResult, AuditPlan, AuditPlanEnd, AuditPopulation, AuditSeed, AuditScore, ChartRebase,
    ChartRebaseWithdrawal, SupervisedBy, Absence, SupervisionSetting, SupervisionDiscussion, DiscussionAnswer,
    LearningPoint, LearningPointWithdrawal, TrailEntry,
)  # fmt: skip
WHY = "Maud Ashgrove was found too late again"
NEEDS = Needs(roles=frozenset({Role.SUPPORT_WORKER.value}), fewest_days=5, joiner_days=5)


def written() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in TABLES}


class Scene:
    """A live change with a plan, two audits (one frozen, one drawn), new limits, and supervision of North team."""

    def __init__(self) -> None:
        self.cast = cast = usual_cast()
        self.change = a_live_change(cast, live_at=NOW)
        self.plan = a_plan(by=cast.lead, change=self.change)
        consultations(cast, 2)
        self.ready = an_audit_plan(cast, change=self.change)
        self.frozen = a_list(an_audit_plan(cast, change=self.change), by=cast.lead)
        self.drawn = seeded(a_list(an_audit_plan(cast, change=self.change), by=cast.lead), by=cast.lead)
        self.rebase = a_rebase(cast)
        supervised(cast)
        self.point = a_point(cast, source=self.change)
        self.talk = a_talk(cast, point=self.point)
        self.finding = Finding.objects.get(changes=self.change)

    def do(self, what: str, by: Any, **more: Any) -> Any:
        cast, today = self.cast, local_day(AT)
        steps: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
            "plan": (declare_plan, {"at": DECLARED_AT, "change": self.change, "declared": declared(primary=False),
                                    "submission_key": "plan"}),
            "amend": (amend_plan, {"at": DECLARED_AT, "plan": self.plan, "declared": declared(measure="Another"),
                                   "why": WHY, "submission_key": "amend"}),
            "count": (enter_result, {"at": DECLARED_AT, "plan": self.plan, "look": None, "count": 1,
                                     "out_of": Decimal(2), "source": WHY}),
            "audit": (declare_audit, {"at": DECLARED_AT, "change": self.change, "declared": audited(),
                                      "submission_key": "audit"}),
            "freeze": (freeze_list, {"at": FROZEN_AT, "plan": self.ready, "period_from": FROM, "period_to": TO}),
            "seed": (enter_seed, {"at": SEEDED_AT, "population": self.frozen, "seed": SEED, "published_on": None,
                                  "published": False, "words": WHY}),
            "end audit": (end_audits, {"at": FROZEN_AT, "plan": self.ready, "reason": WHY}),
            "read": (score_record, {"at": READ_AT, "sample": self.drawn.samples.order_by("rank")[0],
                                    "answers": {"q1": "yes", "q2": "na"}, "remark": WHY}),
            "limits": (lambda **given: a_rebase(cast, **given), {"at": NOW, "periods_ago": 3, "reason": WHY}),
            "old limits": (withdraw_rebase, {"at": NOW, "rebase": self.rebase, "reason": WHY}),
            "arrange": (set_supervisor, {"at": AT, "workers": [cast.worker], "supervisor": cast.duty_manager,
                                         "from_on": today}),
            "away": (record_absence, {"at": AT, "worker": cast.worker, "from_on": today, "until_on": today}),
            "needs": (set_supervision_needs, {"at": AT, "provider": cast.provider, "needs": NEEDS}),
            "talk": (record_discussions, {"at": AT, "workers": [cast.worker], "account": account(self.point, words=WHY),
                                          "submission_key": "talk"}),
            "answer": (answer_discussion, {"at": AT, "discussion": self.talk, "confirmed": False, "words": WHY}),
            "correct": (correct_discussion, {"at": AT, "discussion": self.talk, "because": "Another day",
                                             "account": account(self.point, words=WHY), "submission_key": "correct"}),
            "word": (word_learning_point, {"at": AT, "source": self.finding, "wording": WORDING,
                                           "submission_key": "word"}),
            "unword": (withdraw_learning_point, {"at": AT, "point": self.point, "reason": "It is said elsewhere"}),
        }  # fmt: skip
        run, given = steps[what]
        return run(**({"by": by} | {name: fresh(value) for name, value in given.items()} | more))


def fresh(value: Any) -> Any:
    """A row as the database has it now: what another test wrote was rolled back there, and not in the object."""
    return type(value)._base_manager.get(pk=value.pk) if isinstance(value, Model) else value


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: object) -> Iterator[Scene]:
    """Made once: what a test writes beside it is rolled back after the test."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield Scene()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


# Who


CARRIES = {"duty_manager", "lead", "reviewer", "quality_lead", "director"}
UNSEEN = "There is no such change among those you may see."
CARRY = (
    "Only its owner, or a reviewer, duty manager, safeguarding lead, quality lead or director of the incident's place "
    "may do this."
)
OUTSIDE = {"worker_elsewhere", "duty_manager_elsewhere", "administrator", "commissioner", "inspector", "stranger"}
"""Those who may not open the change."""
LIMITS = "Only a quality lead of this place may decide that new limits begin."
ABOUT = "Only their supervisor, or whoever runs or oversees the place where they work, may do this."
TEACHES = "Only whoever agreed it, or a quality lead of its place, may say what it teaches."
AUDITOR = "Only a quality lead, reviewer or safeguarding lead of a team it reaches may audit this."
OVERSEES = {"supervisor", "duty_manager", "lead", "quality_lead", "director"}
OWN = {"worker": "Somebody else does this about you."}
CARRIED = (CARRIES, CARRY, dict.fromkeys(OUTSIDE, UNSEEN))
MAY: dict[str, tuple[set[str], str, dict[str, str]]] = {
    "plan": CARRIED,
    "amend": CARRIED,
    "count": CARRIED,
    "audit": CARRIED,
    "freeze": CARRIED,
    "seed": CARRIED,
    "end audit": CARRIED,
    "read": (
        {"lead", "reviewer", "quality_lead"},
        AUDITOR,
        dict.fromkeys(OUTSIDE, UNSEEN) | {"duty_manager": "You own this change, or did. Somebody else audits it."},
    ),
    "limits": ({"quality_lead"}, LIMITS, {}),
    "old limits": ({"quality_lead"}, LIMITS, {}),
    "arrange": ({"administrator", "duty_manager"}, ABOUT, OWN),
    "away": (OVERSEES | {"administrator"}, ABOUT, OWN),
    "needs": ({"administrator"}, "Only an administrator of this place may manage people and places.", {}),
    "talk": (OVERSEES, ABOUT, OWN),
    "correct": (OVERSEES, ABOUT, OWN),
    "answer": ({"worker"}, "Only the worker says whether this is how it was.", {}),
    "word": ({"reviewer", "quality_lead"}, TEACHES, {}),
    "unword": ({"reviewer", "quality_lead"}, TEACHES, {}),
}
"""By step: who may, what everybody else is told, and who is told something else."""


@pytest.mark.parametrize("what", MAY)
def test_each_step_is_for_some_and_everybody_else_is_told_why(scene: Scene, what: str) -> None:
    may, sentence, others = MAY[what]
    before, told = written(), {}
    for name, person in scene.cast.people().items():
        try:
            with transaction.atomic():
                assert scene.do(what, person) is not None
                transaction.set_rollback(True)
        except Refused as refused:
            told[name] = refused.sentence
    assert told == {name: others.get(name, sentence) for name in scene.cast.people().keys() - may}
    assert written() == before


@pytest.mark.parametrize("what", MAY)
@pytest.mark.parametrize("how", ["role ended", "sign-in closed"])
def test_whoever_holds_no_role_any_more_or_cannot_sign_in_does_nothing(scene: Scene, what: str, how: str) -> None:
    """Whoever could do it before: the owner of the change, who agreed it, who held the discussion, too."""
    cast = scene.cast
    somebody("another", Role.ADMINISTRATOR, Place(cast.provider.pk))
    before = written()
    for name in MAY[what][0]:
        by = fresh(cast.people()[name])
        with transaction.atomic():
            if how == "role ended":
                end_role(by=SET_UP, at=NOW - timedelta(minutes=1), assignment=by.role_assignments.get())
            else:
                set_active(by=SET_UP, at=NOW, person=by, active=False)
            left = Person.objects.get(pk=by.pk)
            if (what, name, how) in STILL:
                assert scene.do(what, left) is not None
            else:
                with pytest.raises(Refused):
                    scene.do(what, left)
            transaction.set_rollback(True)
    assert written() == before


OWNS = ("plan", "amend", "count", "audit", "freeze", "seed", "end audit")
STILL = {
    *((what, name, "role ended") for what in OWNS for name in ("duty_manager", "reviewer")),
    ("answer", "worker", "role ended"),
    ("correct", "supervisor", "role ended"),
    ("talk", "supervisor", "role ended"),
    ("away", "supervisor", "role ended"),
    ("word", "reviewer", "role ended"),
    ("unword", "reviewer", "role ended"),
}
"""What somebody does still who holds no role and can sign in: about themselves, of what they did, of what they own
until it is handed over, and of what they were asked by name to review."""


@pytest.mark.parametrize(
    ("role", "where", "may"),
    [
        (Role.QUALITY_LEAD, "north", {"plan", "read", "limits", "talk", "word"}),
        (Role.QUALITY_LEAD, "east", set()),
        (Role.SAFEGUARDING_LEAD, "riverside", {"plan", "read", "talk"}),
        (Role.DIRECTOR, "harbour", set()),
        (Role.SUPERVISOR, "north", set()),
        (Role.DUTY_MANAGER, "harbour", set()),
        (Role.ADMINISTRATOR, "another provider", set()),
        (Role.QUALITY_LEAD, "another provider", set()),
        (Role.INSPECTOR, "riverside", set()),
    ],
)
def test_a_role_counts_where_it_is_held(scene: Scene, role: Role, where: str, may: set[str]) -> None:
    cast = scene.cast
    place = {
        "north": cast.north.place, "east": cast.east.place, "riverside": Place(cast.provider.pk, cast.riverside.pk),
        "harbour": Place(cast.provider.pk, cast.harbour.pk), "another provider": Place(cast.stranger.provider_id),
    }[where]  # fmt: skip
    by, found = somebody("second", role, place), set()
    for what in ("plan", "read", "limits", "talk", "word", "arrange", "needs", "answer"):
        try:
            with transaction.atomic():
                scene.do(what, by)
                transaction.set_rollback(True)
            found.add(what)
        except Refused:
            pass
    assert found == may


# What is written


@pytest.mark.parametrize(
    ("what", "by", "operation", "starts", "facts"),
    [
        ("plan", "lead", "declare_plan", "declared how to check the change “", {"looks", "primary", "serves"}),
        ("count", "lead", "enter_result", "counted the baseline of “", {"count", "out_of", "look"}),
        ("audit", "lead", "declare_audit", "planned the audit “Consultations in the new form” of", {"claim", "target",
         "months", "first_on"}),
        ("freeze", "lead", "freeze_list", "froze the list of 2 records for the audit “", {"list", "records", "size",
         "query"}),
        ("read", "reviewer", "score_record", "", None),
        ("away", "lead", "record_absence", "recorded that Wren Ashdown is away ", set()),
        ("arrange", "administrator", "set_supervisor", "set Dale Marlow to supervise Wren Ashdown from ", {"workers"}),
        ("needs", "administrator", "set_supervision_needs", "set who is owed supervision from April 2026: support "
         "worker, there on 5 working days, joiners on 5", set()),
        ("talk", "supervisor", "record_discussions", "wrote down the supervision of Wren Ashdown on Thursday 12 March "
         "2026", {"points", "held_on"}),
        ("answer", "worker", "answer_discussion", "said that the supervision of Thursday 12 March 2026 was not as it "
         "is written down", set()),
        ("correct", "supervisor", "correct_discussion", "corrected the supervision of Wren Ashdown: it was held on ",
         {"corrects"}),
    ],
)  # fmt: skip
def test_each_step_is_one_entry_that_tells_nothing_of_what_was_said(
    scene: Scene, what: str, by: str, operation: str, starts: str, facts: set[str] | None
) -> None:
    before, person = set(TrailEntry.objects.values_list("pk", flat=True)), scene.cast.people()[by]
    scene.do(what, person)
    (entry,) = TrailEntry.objects.exclude(pk__in=before)
    assert (entry.operation, entry.by_id, entry.provider_id) == (
        f"assurance.{operation}", person.pk, scene.cast.provider.pk,
    )  # fmt: skip
    assert entry.sentence.startswith(starts)
    assert facts is None or set(entry.facts) == facts
    assert WHY not in f"{entry.sentence} {entry.facts}"
    assert "Maud" not in f"{entry.sentence} {entry.facts}"


# Bad input

LONG = "a" * 10_000


@pytest.mark.parametrize(
    ("what", "given", "field"),
    [
        ("amend", {"why": " \n"}, "why"), ("amend", {"declared": declared(definition=" ")}, "definition"),
        ("amend", {"declared": declared(looks=())}, "looks"),
        ("amend", {"declared": declared(primary=False)}, "primary"), ("plan", {"declared": declared()}, "primary"),
        ("count", {"source": "\u00a0"}, "source"), ("count", {"count": -1}, "count"), ("count", {"count": 3}, "count"),
        ("count", {"out_of": Decimal(0)}, "out_of"), ("count", {"out_of": Decimal(-5)}, "out_of"),
        ("freeze", {"period_from": TO, "period_to": FROM}, "period_to"),
        ("freeze", {"period_to": local_day(FROZEN_AT) + timedelta(days=1)}, "period_to"),
        ("seed", {"seed": " 4  2 "}, "seed"), ("seed", {"words": "\t"}, "words"),
        ("seed", {"published": True}, "published_on"),
        ("seed", {"published": True, "published_on": local_day(FROZEN_AT)}, "published_on"),
        ("seed", {"published": True, "published_on": date(9999, 1, 1)}, "published_on"),
        ("end audit", {"reason": " "}, "reason"), ("read", {"answers": {"q2": "na"}}, "q1"),
        ("read", {"answers": {"q1": "perhaps", "q2": "na"}}, "q1"),
        ("read", {"answers": {"q1": "na", "q2": "na"}}, "q1"),
        ("limits", {"reason": ""}, "reason"), ("limits", {"periods_ago": 23}, "on"),
        ("limits", {"periods_ago": 5}, "on"),
        ("old limits", {"reason": " "}, "why"), ("arrange", {"workers": []}, "workers"),
        ("arrange", {"from_on": date(2026, 3, 13)}, "from_on"), ("arrange", {"from_on": date(2024, 1, 1)}, "from_on"),
        ("arrange", {"supervisor": "worker"}, "supervisor"), ("arrange", {"supervisor": "inspector"}, "supervisor"),
        ("arrange", {"supervisor": "stranger"}, "supervisor"), ("away", {"until_on": date(2026, 3, 11)}, "until_on"),
        ("away", {"from_on": date(2027, 3, 14), "until_on": None}, "from_on"),
        ("needs", {"needs": Needs(frozenset(), 5, 5)}, "roles"),
        ("needs", {"needs": Needs(frozenset({"inspector"}), 5, 5)}, "roles"),
        ("needs", {"needs": Needs(NEEDS.roles, 0, 5)}, "fewest_days"),
        ("needs", {"needs": Needs(NEEDS.roles, 5, 21)}, "joiner_days"),
        ("talk", {"workers": []}, "workers"), ("talk", {"account": account()}, "points"),
        ("talk", {"words": " "}, "words"), ("talk", {"words": LONG}, "words"),
        ("talk", {"held_on": date(2026, 3, 13)}, "held_on"), ("talk", {"held_on": date(2026, 3, 3)}, "held_on"),
        ("answer", {"words": "\u2003"}, "words"), ("correct", {"because": "\n"}, "because"),
        ("correct", {"words": LONG}, "words"), ("word", {"wording": " "}, "wording"),
        ("word", {"wording": LONG}, "wording"),
        ("unword", {"reason": ""}, "reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_said_at_its_field_and_nothing_is_kept(
    scene: Scene, what: str, given: dict[str, Any], field: str
) -> None:
    cast = scene.cast
    if isinstance(given.get("supervisor"), str):
        given = {"supervisor": cast.people()[given["supervisor"]]}
    if what in {"talk", "correct"} and given.keys() & {"held_on", "words"}:
        given = {"account": account(scene.point, **({"words": WHY} | given))}
    by = next(person for name, person in cast.people().items() if name in MAY[what][0] - {"duty_manager"})
    before = written()
    with pytest.raises(Invalid) as refused:
        scene.do(what, by, **given)
    assert set(refused.value.problems) == {field}
    assert len(refused.value.problems[field]) > 10
    assert written() == before


@pytest.mark.parametrize("words", ["😀💙", "\u202eturned", "<b>&", "=1+1", "a\nb", "é" * 300])
def test_odd_words_are_kept_as_they_are(scene: Scene, words: str) -> None:
    (talk,) = scene.do("talk", scene.cast.supervisor, account=account(scene.point, words=f" {words}\t"))
    answered = scene.do("answer", scene.cast.worker, words=f"\n{words} ")
    result = scene.do("count", scene.cast.lead, source=f" {words}")
    assert talk.words == answered.words == result.source == words


# Sent again, and too late


@pytest.mark.parametrize(
    "what", ["plan", "amend", "count", "audit", "read", "away", "talk", "correct", "word", "unword", "answer"]
)
def test_the_same_again_adds_nothing(scene: Scene, what: str) -> None:
    by = next(person for name, person in scene.cast.people().items() if name in MAY[what][0] - {"duty_manager"})
    first, before = scene.do(what, by), written()
    assert scene.do(what, by) == first
    assert written() == before


@pytest.mark.parametrize(
    ("what", "changed", "question"),
    [
        ("plan", {"declared": declared(primary=False, measure="Another one")}, "measure"),
        ("amend", {"why": "Another reason"}, "why"),
        ("audit", {"declared": audited(title="Another one")}, "what is audited"),
        ("talk", {"words": "Ring last."}, "what will be done differently"),
        ("correct", {"words": "Ring last."}, "what will be done differently"),
        ("word", {"wording": "Ring at one sign."}, "what it teaches"),
    ],
)
def test_other_answers_under_the_same_key_are_told_apart_and_somebody_elses_key_is_not_ours(
    scene: Scene, what: str, changed: dict[str, Any], question: str
) -> None:
    may = sorted(MAY[what][0] - {"duty_manager"})
    able = [scene.cast.people()[name] for name in may]
    if "words" in changed:
        changed = {"account": account(scene.point, **changed)}
    scene.do(what, able[0])
    before = written()
    with pytest.raises(SentBefore) as sent:
        scene.do(what, able[0], **changed)
    assert len(sent.value.differences) == 1
    assert question in sent.value.differences[0].question.casefold() or what in {"plan", "amend"}
    with pytest.raises(Invalid, match="somebody else"):
        scene.do(what, able[1])
    assert written() == before


@pytest.mark.parametrize("what", ["plan", "amend", "count", "audit", "freeze", "seed", "end audit"])
def test_of_a_change_that_was_withdrawn_meanwhile_nothing_is_planned_or_counted(scene: Scene, what: str) -> None:
    withdraw_change(by=scene.cast.lead, at=NOW, change=fresh(scene.change), reason="It did harm in the end")
    before = written()
    with pytest.raises(Stale):
        scene.do(what, scene.cast.lead)
    assert written() == before


@pytest.mark.parametrize(
    ("first", "then"),
    [("end audit", "freeze"), ("end audit", "end audit"), ("old limits", "old limits"), ("seed", "seed"),
     ("freeze", "freeze"), ("amend", "count"), ("correct", "answer")],
)  # fmt: skip
def test_a_page_left_open_says_that_somebody_was_quicker(scene: Scene, first: str, then: str) -> None:
    by = scene.cast.quality_lead
    scene.do(first, by)
    before = written()
    with pytest.raises(Stale):
        scene.do(then, scene.cast.worker if then == "answer" else by)
    assert written() == before


# What few may know of


def restrict(scene: Scene) -> None:
    incident = fresh(fresh(scene.finding).incident)
    decide_restriction(by=scene.cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")


@pytest.mark.parametrize("what", ["plan", "amend", "count", "audit", "freeze", "seed", "read"])
def test_where_its_incident_is_restricted_only_those_named_and_its_owner_go_on(scene: Scene, what: str) -> None:
    """Its reviewer is named on it. Records are read by auditors of the teams it reaches: they are of other people."""
    restrict(scene)
    may, told = set(), {}
    for name, person in scene.cast.people().items():
        try:
            with transaction.atomic():
                scene.do(what, person)
                transaction.set_rollback(True)
            may.add(name)
        except Refused as refused:
            told[name] = refused.sentence
    assert may == {"lead", "reviewer", "quality_lead" if what == "read" else "duty_manager"}
    assert {told[name] for name in OUTSIDE} == {UNSEEN}
    assert not any("restricted" in said for said in told.values())


def test_a_finding_that_few_may_know_of_teaches_no_team(scene: Scene) -> None:
    restrict(scene)
    finding = Finding.objects.select_related("incident").get(pk=scene.finding.pk)
    for name in ("reviewer", "quality_lead"):
        with pytest.raises(Invalid, match="Few people may know of its incident"):
            scene.do("word", scene.cast.people()[name], source=finding)
    other = a_finding(scene.cast)
    assert scene.do("word", scene.cast.quality_lead, source=other).finding == other
    assert OperationalChange.objects.filter(findings=finding).exists()
