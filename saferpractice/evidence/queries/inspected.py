"""The story of one incident as an inspector reads it: built from the records into types that cannot hold a name.

Every text that somebody typed goes through ``mask``. Fields that are there to say who somebody is (who does a safety
action, how a referral was made, the authority's own reference, the name of a file) are not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from saferpractice.access.decisions import Decided
from saferpractice.assurance.models import SupervisionDiscussion
from saferpractice.assurance.queries import newest_check, plans_of
from saferpractice.assurance.queries.audits import audit_plans_of, populations_of
from saferpractice.assurance.rules import VerdictWord
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.queries import actions_of_incident, coverage_of, state_of, state_of_action, with_facts
from saferpractice.changes.rules import ActionState, ChangeState, Strength
from saferpractice.config import encryption
from saferpractice.design.words import localday, localtime, plural
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.queries.inspections import known_names, power_words, with_tier
from saferpractice.evidence.queries.learning import learning_facts
from saferpractice.evidence.rules import assess_learning
from saferpractice.evidence.rules.inspections import (
    HARM_WORDS,
    Identity,
    Known,
    Part,
    Reference,
    Roles,
    Statement,
    Story,
    harm_level,
    mask,
)
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.queries import name_of
from saferpractice.incidents.rules import PART_WORDS
from saferpractice.lists.queries import labels_of
from saferpractice.reviews.models import Review
from saferpractice.reviews.queries import entries_of, held_by
from saferpractice.triage.models import PartnerEscalation, StatutoryNotification, TriageRecord
from saferpractice.triage.queries import state_of as triage_of
from saferpractice.triage.rules import RepeatKind, ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import TellingState

CHANGE_MEANING = {
    ChangeState.AGREED: "waiting",
    ChangeState.LIVE: "warning",
    ChangeState.PARTLY_PROVEN: "working",
    ChangeState.PROVEN: "good",
    ChangeState.WITHDRAWN: "quiet",
}
VERDICT_MEANING = {VerdictWord.IMPROVED: "good", VerdictWord.GOT_WORSE: "bad", VerdictWord.TOO_EARLY: "waiting"}


def story_of(inspection: Inspection, incident: Incident) -> Story:
    """The whole story of an incident. Pass only one of ``incidents_shown``."""
    found = with_tier(Incident.objects.filter(pk=incident.pk)).select_related("team__service", "person_supported").get()
    tell = _Teller(found, known_names(found.provider_id, Incident.objects.filter(pk=found.pk)))
    learning = assess_learning(learning_facts(found))
    themes = labels_of("themes", provider_id=found.provider_id)
    tier = getattr(found, "tier_now", None)
    return Story(
        reference=found.reference,
        place=f"{found.team.name}, {found.team.service.name}",
        harm=HARM_WORDS[harm_level(found.physical_harm, found.psychological_harm)],
        tier=TierCode(tier).label if tier else "No tier decided",
        themes=tuple(themes.get(one, one) for one in found.themes),
        defensible=learning.defensible,
        sentence=learning.sentence,
        missing=tuple(mask(one.sentence, tell.known) for one in learning.missing),
        parts=tell.parts(),
        identity=_identity(inspection, found),
    )


def _identity(inspection: Inspection, incident: Incident) -> Identity | None:
    """Who it concerns, only where the inspection says by which power and why."""
    person = incident.person_supported
    if not inspection.identity_because or not inspection.identity_power or person is None:
        return None
    try:
        name = name_of(incident)
    except encryption.CannotDecrypt:
        name = ""
    power = power_words(inspection.identity_power, inspection)
    return Identity(person.reference, name, power, inspection.identity_because)


class _Teller:
    """Tells each stage of one incident."""

    def __init__(self, incident: Incident, known: Known) -> None:
        self.incident, self.known = incident, known
        self.changes = self._changes()
        self.provider_id = incident.provider_id

    def _changes(self) -> list[OperationalChange]:
        found = OperationalChange.objects.filter(findings__incident=self.incident).distinct()
        return list(with_facts(found).order_by("decided_at", "pk"))

    def parts(self) -> tuple[Part, ...]:
        """Every stage in the order of the loop."""
        stages = (
            ("report", "The report", self.report(), ""),
            ("triage", "Triage, decisions and who was told", self.triage(), "It has not been triaged."),
            ("tier", "The tier, and which rule decided it", self.tier(), "No tier is proposed or decided."),
            ("review", "The review", self.review(), "No review is open."),
            ("timeline", "The timeline of the review", self.timeline(), "The review holds no timeline."),
            ("findings", "Findings", self.findings(), "No finding is recorded."),
            (
                "changes",
                "What was changed, and whether it reached everyone",
                self.change_story(),
                "No change is agreed.",
            ),
            ("actions", "Tracked actions", self.actions(), "No action is tracked."),
            ("worked", "Is it used, and did it work?", self.worked(), "Nothing was checked yet."),
            ("supervision", "Supervision", self.supervision(), "No learning point was taken from it."),
        )
        return tuple(
            Part(code=code, title=title, statements=tuple(told), nothing=nothing or "Nothing is on record.")
            for code, title, told, nothing in stages
        )

    def say(
        self,
        kind: str,
        row: Decided,
        label: str,
        *,
        at: datetime | None = None,
        state: tuple[str, str] | None = None,
        **words: str,
    ) -> Statement:
        """One statement of a record; of ``words`` those that were typed, each under its name, "_" under none."""
        told = tuple(
            (name.replace("_", " ").strip().capitalize(), mask(text, self.known))
            for name, text in words.items()
            if text
        )
        by = Roles(row.decided_by_role) if row.decided_by_id else None
        return Statement(
            reference=reference_of(kind, row.pk), label=label, words=told, by=by, at=at or row.decided_at, state=state
        )

    def report(self) -> Iterator[Statement]:
        one = self.incident
        shown = (
            ("What happened", one.what_happened),
            ("What was done at once", one.done_at_once),
            ("What else is known", one.also_known),
            ("Who may still be at risk, and from what", one.risk_words),
        )
        yield Statement(
            reference=Reference("Incident", one.reference),
            label=f"Reported; known since {localtime(one.known_at)}",
            words=tuple((name, mask(text, self.known)) for name, text in shown if text),
            by=Roles(one.reporter.signature(one.recorded_at).role) if one.reporter and not one.name_withheld else None,
            at=one.recorded_at,
        )
        for row in one.harm_gradings.order_by("decided_at", "pk"):
            level = HARM_WORDS[harm_level(row.physical_harm, row.psychological_harm)]
            yield self._unnamed(self.say("Harm grading", row, f"Harm graded: {level.lower()}", why=row.reason), row)
        for added in one.corrections.order_by("decided_at", "pk"):
            label = f"Added to the report: {PART_WORDS.get(added.part, 'another part').lower()}"
            yield self._unnamed(self.say("Correction", added, label, it_says=added.text, why=added.reason), added)

    def _unnamed(self, told: Statement, row: Decided) -> Statement:
        """A statement of the reporter who asked not to be known says nothing of who made it."""
        own = self.incident.name_withheld and row.decided_by_id in {None, self.incident.reporter_id}
        return replace(told, by=None) if own else told

    def triage(self) -> Iterator[Statement]:
        state = triage_of(self.incident)
        for asked in reversed(state.handovers):
            yield self.say("Triage handover", asked, "Handed to the safeguarding lead", question=asked.question)
        for record in reversed(state.records):
            yield from self._record(record)
        for decision in reversed(state.thresholds):
            outcome = ThresholdOutcome(decision.outcome).label
            stands = ("In force", "working") if decision == state.threshold else ("Earlier", "quiet")
            yield self.say("Threshold decision", decision, outcome, state=stands, _=decision.rationale)
        for referral in reversed(state.referrals):
            label = "Referred to the local authority"
            yield self.say("Safeguarding referral", referral, label, at=referral.sent_at, to=referral.authority)
            for reply in referral.acknowledgements.order_by("decided_at", "pk"):
                label = "The authority acknowledged it"
                yield self.say("Referral acknowledgement", reply, label, at=reply.received_at, _=reply.answer)
        for notice in self.incident.statutory_notifications.order_by("decided_at", "pk"):
            yield self._told("Statutory notification", notice)
        for escalation in self.incident.partner_escalations.order_by("decided_at", "pk"):
            yield self._told("Partner escalation", escalation)

    def _record(self, record: TriageRecord) -> Iterator[Statement]:
        yield self.say(
            "Triage record",
            record,
            "Triage in the standard format",
            wishes_of_the_person=record.wishes_words,
            risk=record.risk_words,
            telling_the_family=record.family_warning_words,
            why_no_safety_action=record.no_safety_actions_because,
        )
        for action in record.safety_actions.all():
            done = action.done_at or (action.done.done_at if hasattr(action, "done") else None)
            yield Statement(
                reference=reference_of("Immediate safety action", action.pk),
                label="Immediate safety action",
                words=(("", mask(action.what, self.known)),),
                by=Roles(record.decided_by_role),
                at=done,
                state=("Done", "good") if done else ("Not done", "warning"),
            )

    def _told(self, kind: str, row: StatutoryNotification | PartnerEscalation) -> Statement:
        meaning = {"done": "good", "required": "waiting"}.get(row.state, "quiet")
        label = f"{row.duty_label} ({row.paragraph})"
        state = (TellingState(row.state).label, meaning)
        return self.say(kind, row, label, at=row.done_at, state=state, why=row.reason)

    def tier(self) -> Iterator[Statement]:
        state = triage_of(self.incident)
        for pattern in reversed(state.patterns):
            kind = RepeatKind(pattern.kind)
            found = kind.sentence(what=pattern.what, how_many=pattern.how_many, window_days=pattern.window_days)
            yield self.say("Repeated pattern", pattern, kind.label, _=found)
        for proposal in reversed(state.proposals):
            rule = f"rule {proposal.rule_id}, table {proposal.table_version}"
            yield self.say(
                "Tier proposal", proposal, f"The rules proposed tier {proposal.tier} ({rule})", why=proposal.why
            )
        for decision in reversed(state.tiers):
            departs = decision.tier != decision.proposal.tier
            how = ", departing from the rules" if departs else ", as the rules proposed"
            yield self.say("Tier decision", decision, TierCode(decision.tier).label + how, why=decision.reason)

    def reviews(self) -> list[Review]:
        return list(self.incident.reviews.order_by("decided_at", "pk"))

    def review(self) -> Iterator[Statement]:
        methods = labels_of("review-methods", provider_id=self.provider_id)
        for review in self.reviews():
            label = f"{TierCode(review.tier).label}: {methods.get(review.method, review.method)}"
            yield self.say("Review", review, f"{label}, due {localtime(review.due_at)}")
            for asked in review.reviewers.order_by("decided_at", "pk"):
                yield self.say("Reviewer", asked, "A reviewer was asked", independence=asked.independence)
            yield from self._documents(review)
            for offer in review.support_offers.order_by("decided_at", "pk"):
                yield self.say(
                    "Support offer", offer, f"Support offered to {_AFFECTED.get(offer.affected, 'somebody affected')}",
                    offered=offer.offered, questions=offer.questions, told=offer.told,
                )  # fmt: skip
            for signed in review.sign_offs.order_by("decided_at", "pk"):
                stands = ("Accepted", "good") if signed.accepted else ("Sent back", "warning")
                yield self.say("Oversight sign-off", signed, "Senior oversight", state=stands, _=signed.words)
            end = getattr(review, "completion", None)
            if end is not None:
                on_time = end.decided_at <= review.due_at
                yield self.say(
                    "Review completion", end, "Review completed", summary=end.summary,
                    state=("In time", "good") if on_time else ("Late", "warning"),
                    why_nothing_was_found=end.nothing_found_because,
                )  # fmt: skip

    def _documents(self, review: Review) -> Iterator[Statement]:
        held = held_by(review)
        lacking = {one.kind for one in held.missing()}
        for needed in held.required:
            row = next(iter(held.of_kind(needed.kind)), None)
            if row is None:
                yield Statement(
                    reference=reference_of("Required document", needed.pk),
                    label=needed.label,
                    state=("Missing", "bad") if needed.kind in lacking else ("From the records", "good"),
                )
                continue
            told = [
                (str(one.get("ask") or one.get("question") or "Answer"), str(one.get("answer") or ""))
                for one in row.answers
            ]
            told += [("View of a decision", str(one.get("why") or "")) for one in row.decisions]
            words = tuple((ask, mask(said, self.known)) for ask, said in (*told, ("Text", row.text)) if said)
            yield Statement(
                reference=reference_of("Review document", row.pk),
                label=needed.label,
                words=words,
                by=Roles(row.decided_by_role),
                at=row.decided_at,
                state=("Missing", "bad") if needed.kind in lacking else ("Present", "good"),
            )

    def timeline(self) -> Iterator[Statement]:
        for review in self.reviews():
            for row in entries_of(review):
                when = _PRECISION.get(row.precision, "")
                told = self.say("Timeline entry", row, when, at=row.happened_at, _=row.what)
                yield replace(told, by=None)  # it happened then; whoever wrote it down was not there

    def findings(self) -> Iterator[Statement]:
        conditions = labels_of("system-conditions", provider_id=self.provider_id)
        for row in Finding.objects.standing().filter(incident=self.incident).order_by("decided_at", "pk"):
            yield self.say(
                "Finding", row, conditions.get(row.condition, row.condition), _=row.statement,
                what_made_it_more_likely=row.made_more_likely, what_reduces_recurrence=row.reduces_recurrence,
            )  # fmt: skip

    def change_story(self) -> Iterator[Statement]:
        types = labels_of("change-types", provider_id=self.provider_id)
        kinds = labels_of("rollout-proof-kinds", provider_id=self.provider_id)
        for change in self.changes:
            state, rolled_out = state_of(change), coverage_of(change)
            teams = f"{rolled_out.reached} of {plural(len(rolled_out.teams), 'team')} reached"
            strength = Strength(change.strength).label.lower()
            label = f"{types.get(change.change_type, change.change_type)}, {strength}; {teams}"
            yield self.say(
                "Change", change, label, state=(state.label, CHANGE_MEANING[state]), change=change.title,
                what_is_different_on_Monday=change.monday, why_it_cannot_be_passed=change.why_not_passed,
            )  # fmt: skip
            names = {team.pk: team.name for team in change.reach.all()}
            for proof in change.rollout_proofs.all():
                counted = f", {proof.reached} of {plural(proof.needed, 'person', 'people')}" if proof.needed else ""
                where = names.get(proof.team_id, "another team")
                label = f"{kinds.get(proof.kind, proof.kind)} in {where}, {localday(proof.held_on)}{counted}"
                yield self.say("Rollout proof", proof, label, _=proof.words)
            for use in change.use_proofs.all():
                label = f"Used on a pathway in {names.get(use.team_id, 'another team')}"
                yield self.say("Proof by use", use, label, _=use.title)

    def actions(self) -> Iterator[Statement]:
        for action in actions_of_incident(self.incident):
            state = state_of_action(action)
            meaning = {ActionState.DONE: "good", ActionState.SENT_BACK: "warning"}.get(state, "waiting")
            label = f"To be done by {localday(action.due_on)}"
            yield self.say("Tracked action", action, label, state=(state.label, meaning), _=action.what)
            for shown in sorted(action.evidence.all(), key=lambda one: (one.decided_at, one.pk)):
                decision = getattr(shown, "decision", None)
                accepted = None if decision is None else decision.accepted
                word = {None: ("Waiting", "waiting"), True: ("Accepted", "good"), False: ("Sent back", "warning")}[
                    accepted
                ]
                yield self.say("Completion evidence", shown, "Evidence that it is done", state=word, _=shown.words)

    def worked(self) -> Iterator[Statement]:
        for change in self.changes:
            for plan in plans_of(change):
                check = newest_check(plan)
                serves = "whether it is used" if plan.serves == "used" else "whether outcomes improve"
                yield self.say(
                    "Impact plan", plan, f"How it is checked {serves}", measure=plan.measure, counts=plan.definition
                )
                if check is not None:
                    word = VerdictWord(check.verdict)
                    state = (word.value, VERDICT_MEANING.get(word, "warning"))
                    yield self.say(
                        "Impact check", check, "What the rules make of the results", state=state, why=check.reason
                    )
            for audit in audit_plans_of(change):
                for frozen in populations_of(audit):
                    for result in getattr(frozen, "standing_results", ()):
                        label = (
                            f"Audit: {result.answer} ({result.met} of {plural(result.read, 'record')} met the standard)"
                        )
                        yield self.say("Audit result", result, label, audit=audit.title, says=result.sentence)

    def supervision(self) -> Iterator[Statement]:
        points: dict[UUID, Any] = {}
        for change in self.changes:
            points |= {one.pk: one for one in change.learning_points.order_by("decided_at", "pk")}
        for finding in Finding.objects.standing().filter(incident=self.incident):
            points |= {one.pk: one for one in finding.learning_points.order_by("decided_at", "pk")}
        for point in points.values():
            talked = SupervisionDiscussion.objects.standing().filter(points=point)
            held, workers = talked.count(), talked.values("worker").distinct().count()
            label = f"Learning point discussed {plural(held, 'time')}, with {plural(workers, 'worker')}"
            yield self.say("Learning point", point, label, _=point.wording)


_PRECISION = {"about": "At about this time", "day": "On this day, the time is not known"}
_AFFECTED = {"person": "the person", "family": "the family", "staff": "staff"}


def _heading(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def reference_of(kind: str, pk: UUID) -> Reference:
    """A record without a number of its own, by the last eight digits of its id."""
    return Reference(kind, str(pk)[-8:])
