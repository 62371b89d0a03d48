"""Whether learning is defensible is computed, never set (R5); without R3 and R4 it is not."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence import rules
from saferpractice.evidence.rules import (
    ChangeFact,
    Defensibility,
    FindingFact,
    LearningFacts,
    Outcome,
    Step,
    Supply,
    assess_learning,
)

pytestmark = pytest.mark.requirement("R5")

FINDING = FindingFact(id="f", statement="No rule says when", questions_answered=True, evidence=2, changes=("c",))
CHANGE = ChangeFact(id="c", title="Threshold prompt", live=True, proven=True, plan="p", outcome=Outcome.IMPROVED)
WHOLE = LearningFacts(
    incident="i",
    triaged=True,
    review="r",
    review_complete=True,
    nothing_found_because="",
    findings=(FINDING,),
    changes=(CHANGE,),
)


def lacking(found: Defensibility) -> set[Step]:
    return {step.step for step in found.steps if not step.present}


def test_with_every_step_it_is_defensible() -> None:
    found = assess_learning(WHOLE)
    assert found.defensible
    assert found.missing == ()
    assert "shown to have worked" in found.sentence


@pytest.mark.parametrize(
    ("facts", "steps", "supply"),
    [
        (replace(WHOLE, triaged=False), {Step.ROOT_CAUSE}, Supply.TRIAGE),
        (replace(WHOLE, review_complete=False), {Step.ROOT_CAUSE}, Supply.REVIEW),
        (replace(WHOLE, findings=(replace(FINDING, evidence=0),)), {Step.ROOT_CAUSE}, Supply.CORRECTION),
        (replace(WHOLE, findings=(replace(FINDING, questions_answered=False),)), {Step.ROOT_CAUSE}, Supply.CORRECTION),
        (replace(WHOLE, findings=(FINDING, replace(FINDING, id="g", changes=()))), {Step.CHANGE}, Supply.NEW_CHANGE),
        (replace(WHOLE, changes=(replace(CHANGE, live=False, proven=False),)), {Step.ROLLOUT}, Supply.CHANGE),
        (replace(WHOLE, changes=(replace(CHANGE, proven=False),)), {Step.ROLLOUT}, Supply.PROOF),
        (replace(WHOLE, changes=(replace(CHANGE, plan=None, outcome=Outcome.NONE),)), {Step.IMPACT}, Supply.NEW_PLAN),
        (replace(WHOLE, changes=(replace(CHANGE, outcome=Outcome.NOT_YET),)), {Step.IMPACT}, Supply.PLAN),
    ],
)
def test_each_thing_missing_is_named_with_where_to_supply_it(
    facts: LearningFacts, steps: set[Step], supply: Supply
) -> None:
    found = assess_learning(facts)
    assert not found.defensible
    assert lacking(found) == steps
    assert [one.supply for one in found.missing] == [supply]
    assert all(step.label.lower() in found.sentence for step in steps)


@pytest.mark.requirement("R3", "R4")
def test_without_rollout_proof_and_impact_check_it_is_not_defensible() -> None:
    found = assess_learning(replace(WHOLE, changes=(replace(CHANGE, proven=False, plan=None, outcome=Outcome.NONE),)))
    assert lacking(found) == {Step.ROLLOUT, Step.IMPACT}
    assert found.sentence == "Not defensible yet. Missing: rollout proven and impact checked."


def test_an_honest_no_is_evidence_and_says_so() -> None:
    found = assess_learning(replace(WHOLE, changes=(replace(CHANGE, outcome=Outcome.NOT_IMPROVED),)))
    assert found.defensible
    assert "not every change is shown to have worked" in found.sentence


def test_nothing_at_all_lacks_everything() -> None:
    nothing = LearningFacts(
        incident="i",
        triaged=False,
        review=None,
        review_complete=False,
        nothing_found_because="",
        findings=(),
        changes=(),
    )
    found = assess_learning(nothing)
    assert lacking(found) == set(Step)
    assert {one.supply for one in found.missing} == {Supply.TRIAGE, Supply.OPEN_REVIEW}


def test_a_review_that_found_nothing_for_a_reason_needs_no_change() -> None:
    found = assess_learning(
        replace(WHOLE, findings=(), changes=(), nothing_found_because="Every step of the pathway was followed.")
    )
    assert found.defensible
    assert "no system condition was found" in found.sentence


def test_found_nothing_counts_only_once_the_review_is_complete_and_with_a_reason() -> None:
    for complete, reason in ((False, "A reason"), (True, "  ")):
        facts = replace(WHOLE, findings=(), changes=(), review_complete=complete, nothing_found_because=reason)
        assert not assess_learning(facts).defensible
        assert lacking(assess_learning(facts)) == set(Step), "every later step would rest on it"


def test_a_withdrawn_change_answers_nothing() -> None:
    found = assess_learning(replace(WHOLE, changes=()))
    assert lacking(found) == {Step.CHANGE, Step.ROLLOUT, Step.IMPACT}


finding_facts = st.builds(
    FindingFact,
    id=st.sampled_from("fg"),
    statement=st.just("x"),
    questions_answered=st.booleans(),
    evidence=st.integers(0, 2),
    changes=st.lists(st.sampled_from("cd"), max_size=2).map(tuple),
)
change_facts = st.builds(
    ChangeFact,
    id=st.sampled_from("cd"),
    title=st.just("x"),
    live=st.booleans(),
    proven=st.booleans(),
    plan=st.none() | st.just("p"),
    outcome=st.sampled_from(Outcome),
)
any_facts = st.builds(
    LearningFacts,
    incident=st.just("i"),
    triaged=st.booleans(),
    review=st.none() | st.just("r"),
    review_complete=st.booleans(),
    nothing_found_because=st.sampled_from(["", "because"]),
    findings=st.lists(finding_facts, max_size=3).map(tuple),
    changes=st.lists(change_facts, max_size=3).map(tuple),
)


@given(any_facts)
def test_defensible_means_nothing_missing_and_every_step_is_answered(facts: LearningFacts) -> None:
    found = assess_learning(facts)
    assert found.defensible == (not found.missing)
    assert [step.step for step in found.steps] == list(Step)
    assert found.sentence.startswith("Defensible") == found.defensible


@given(any_facts)
def test_defensible_learning_has_a_complete_review_and_every_change_live_proven_and_checked(
    facts: LearningFacts,
) -> None:
    if assess_learning(facts).defensible:
        assert facts.triaged
        assert facts.review_complete
        assert all(c.live and c.proven and c.plan and c.outcome.is_checked for c in facts.changes)
        assert all(set(f.changes) & {c.id for c in facts.changes} for f in facts.findings)
        assert facts.changes or facts.nothing_found_because


@given(any_facts, change_facts)
def test_one_more_unfinished_change_never_makes_it_defensible(facts: LearningFacts, more: ChangeFact) -> None:
    unfinished = replace(more, proven=False)
    assert not assess_learning(replace(facts, changes=(*facts.changes, unfinished))).defensible or facts.review is None


def present(facts: LearningFacts) -> set[Step]:
    return set(Step) - lacking(assess_learning(facts))


class TestOneMoreRecord:
    """What is present stays present, but for the named reasons: a further finding or change asks for its own proof."""

    @given(any_facts, finding_facts)
    def test_a_further_finding_takes_back_only_what_it_lacks(self, facts: LearningFacts, more: FindingFact) -> None:
        added = replace(facts, findings=(*facts.findings, replace(more, id="new")))
        gone = present(facts) - present(added)
        if more.questions_answered and more.evidence:
            assert Step.ROOT_CAUSE not in gone
        if set(more.changes) & {change.id for change in facts.changes}:
            assert Step.CHANGE not in gone
        # Where the review had found nothing, its later steps rested on that: a finding asks for all of them.
        if facts.changes:
            assert not gone & {Step.ROLLOUT, Step.IMPACT}

    @given(any_facts, change_facts)
    def test_a_further_change_takes_back_only_what_it_lacks(self, facts: LearningFacts, more: ChangeFact) -> None:
        added = replace(facts, changes=(*facts.changes, replace(more, id="new")))
        gone = present(facts) - present(added)
        assert not gone & {Step.ROOT_CAUSE, Step.CHANGE}
        if more.live and more.proven:
            assert Step.ROLLOUT not in gone
        if more.plan and more.outcome.is_checked:
            assert Step.IMPACT not in gone

    @given(any_facts)
    def test_triage_and_completing_take_nothing_back(self, facts: LearningFacts) -> None:
        assert present(facts) <= present(replace(facts, triaged=True))
        assert present(facts) <= present(replace(facts, review_complete=True))

    @given(any_facts, st.sampled_from(["live", "proven"]))
    def test_going_live_and_proving_take_nothing_back(self, facts: LearningFacts, what: str) -> None:
        changes = tuple(replace(change, **{what: True}) for change in facts.changes)
        assert present(facts) <= present(replace(facts, changes=changes))

    @given(any_facts, st.sampled_from([Outcome.IMPROVED, Outcome.NOT_IMPROVED]))
    def test_a_verdict_takes_nothing_back_whatever_it_says(self, facts: LearningFacts, outcome: Outcome) -> None:
        changes = tuple(replace(change, plan=change.plan or "p", outcome=outcome) for change in facts.changes)
        assert present(facts) <= present(replace(facts, changes=changes))

    @given(any_facts)
    def test_the_order_of_entry_does_not_matter(self, facts: LearningFacts) -> None:
        turned = replace(facts, findings=facts.findings[::-1], changes=facts.changes[::-1])
        one, two = assess_learning(facts), assess_learning(turned)
        assert one.sentence == two.sentence
        for first, second in zip(one.steps, two.steps, strict=True):
            assert first.present == second.present
            assert {each.sentence for each in first.missing} == {each.sentence for each in second.missing}


WHERE = {
    Supply.TRIAGE: "i",
    Supply.OPEN_REVIEW: "i",
    Supply.REVIEW: "r",
    Supply.FINDING: "r",
    Supply.CORRECTION: "f",
    Supply.NEW_CHANGE: "f",
    Supply.CHANGE: "c",
    Supply.PROOF: "c",
    Supply.NEW_PLAN: "c",
    Supply.PLAN: "p",
}


@given(any_facts)
def test_everything_missing_points_at_a_record_there_is(facts: LearningFacts) -> None:
    known = {"i": {"i"}, "r": {facts.review}, "f": {one.id for one in facts.findings}}
    known |= {"c": {one.id for one in facts.changes}, "p": {one.plan for one in facts.changes}}
    for one in assess_learning(facts).missing:
        assert one.about in known[WHERE[one.supply]], one
        assert one.about is not None
        assert one.sentence.endswith(".")


def test_each_change_of_several_is_judged_by_itself() -> None:
    second = replace(CHANGE, id="d", title="Rota", proven=False)
    found = assess_learning(replace(WHOLE, changes=(CHANGE, second)))
    assert [(one.supply, one.about) for one in found.missing] == [(Supply.PROOF, "d")]
    assert "Rota" in found.missing[0].sentence


def test_a_change_that_failed_beside_one_that_worked_is_not_hidden() -> None:
    second = replace(CHANGE, id="d", outcome=Outcome.NOT_IMPROVED)
    assert (
        "not every change is shown to have worked" in assess_learning(replace(WHOLE, changes=(CHANGE, second))).sentence
    )


def test_no_input_says_that_it_is_defensible() -> None:
    names = {field.name for kind in (LearningFacts, FindingFact, ChangeFact) for field in fields(kind)}
    assert not [name for name in names if "defensib" in name]
    source = inspect.getsource(rules)
    assert "import django" not in source
    for live, proven, outcome in product((True, False), (True, False), Outcome):
        fact = replace(CHANGE, live=live, proven=proven, outcome=outcome)
        expected = live and proven and outcome.is_checked
        assert assess_learning(replace(WHOLE, changes=(fact,))).defensible == expected
