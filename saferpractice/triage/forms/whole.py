"""The standard form as one page holds it: questions, safety actions, threshold, who must be told, tier, hand-over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from saferpractice.design import forms
from saferpractice.triage.forms.answers import AnswersForm, Lists, RowsForm, SafetyActionForm, rows_of
from saferpractice.triage.forms.decisions import HandOverForm, TellForm, ThresholdForm, TierForm, with_values
from saferpractice.triage.rules import Duty, Proposal, TierCode
from saferpractice.triage.rules.form import (
    NOTHING_KEPT_SAFE,
    SafetyAction,
    Telling,
    TellingState,
    TierChoice,
    TriageForm,
    problems_of_tier,
)

OTHERS = "others"


class OthersForm(forms.Form):
    """The duties that nothing points to: ticked, they must be told."""

    others = forms.ManyChoicesField("Who else must be told, or brought in?", required=False)

    def __init__(self, *args: Any, duties: Sequence[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields[OTHERS]
        field.choices = [(duty.code, duty.label) for duty in duties]
        field.hints = {duty.code: duty.trigger for duty in duties}


class WholeForm:
    """All parts of the page.

    The second half (who must be told, and the tier) is there once ``offer`` was called with what the answers led to.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        now: datetime,
        lists: Lists,
        kept: Mapping[str, list[str]] | None = None,
        rows: int = 1,
        key: str = "",
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.rows = RowsForm(data, initial={"submission_key": key, "rows": str(rows)})
        self.data = self.rows.data if data is not None else None  # without control characters
        self.now, self.kept = now, kept
        self.answers = AnswersForm(self.data, lists=lists, kept=kept, initial=dict(initial or {}))
        self.actions = rows_of(rows, self.data, now=now, kept=kept)
        self.threshold = ThresholdForm(self.data, prefix="threshold", now=now, kept=kept)
        self.handover = HandOverForm(None, prefix="handover", kept=kept)
        self.tells: dict[str, TellForm] = {}
        self.others: OthersForm | None = None
        self.tier: TierForm | None = None
        self.duties: tuple[Duty, ...] = ()

    @property
    def key(self) -> str:
        """The key of this form. Only on a valid form."""
        return str(self.rows.cleaned_data["submission_key"])[:80]

    def offer(self, *, duties: Iterable[Duty], proposal: Proposal, judge: bool, again: bool = False) -> None:
        """Add the second half: one question for each likely duty, the rest to tick, and the tier.

        With ``judge`` the answers sent for it are checked; without, they are shown again as they were typed, and the
        tier starts from the proposal. What was recorded before is sent ``again`` as it was: whether the rules propose
        another tier by now is no question then.
        """
        typed = as_typed(self.data)
        self._offer_duties(duties, self.data if judge else None, kept=None if judge else typed)
        seen = typed.get("tier-seen", [""])[0]
        now_seen = {"tier-seen": [proposal.tier.value]}
        if not judge:
            kept = {name: typed[name] for name in typed if name == "tier-reason"} | now_seen
            self.tier = TierForm(prefix="tier", kept=kept | {"tier-tier": [proposal.tier.value]})
            return
        self.tier = TierForm(with_values(self.data, now_seen), prefix="tier")
        if seen and seen != proposal.tier and not again and self.tier.is_valid():
            stale = TierChoice(tier=proposal.tier, seen=TierCode(seen) if seen in set(TierCode) else None)
            for name, sentence in problems_of_tier(stale, proposed=proposal.tier, why=proposal.why).items():
                self.tier.add_error(name, sentence)

    def keep_second_half(self, duties: Iterable[Duty], data: Any) -> None:
        """Show the second half as ``data`` brought it, while the first must be put right before it can be judged."""
        typed = as_typed(data)
        if "tier-seen" not in typed:
            return
        sent = [replace(duty, likely=any(name.startswith(f"tell-{duty.code}-") for name in typed)) for duty in duties]
        self._offer_duties(sent, None, kept=typed)
        self.tier = TierForm(prefix="tier", kept=typed)

    def _offer_duties(self, duties: Iterable[Duty], data: Any, *, kept: Mapping[str, list[str]] | None) -> None:
        self.duties = tuple(duties)
        self.tells = {
            duty.code: TellForm(data, prefix=f"tell-{duty.code}", now=self.now, kept=kept, body=duty.label)
            for duty in self.duties
            if duty.likely
        }
        rest = [duty for duty in self.duties if not duty.likely]
        self.others = OthersForm(data, prefix="tell", kept=kept, duties=rest)

    def ask_to_hand_over(self) -> HandOverForm:
        """Judge the question of the hand-over, and nothing else."""
        self.handover = HandOverForm(self.data, prefix="handover")
        return self.handover

    @property
    def sent_before(self) -> Any:
        """What is on record from the first time this form was sent, when it holds other answers now."""
        return self.rows.sent_before

    def say_sent_before(self, earlier: Any, *, key: str) -> None:
        """Show what is on record. Sent again as it is, the form goes under ``key`` and is a later record."""
        self.rows.say_sent_before(earlier, key=key)

    def parts(self) -> Iterator[forms.Form]:
        """The parts in the order of the page; rows of safety actions left blank are no parts."""
        yield self.rows
        yield from (row for row in self.actions if not row.is_bound or not row.is_blank)
        yield self.answers
        yield self.threshold
        yield from self.tells.values()
        yield from (part for part in (self.others, self.tier) if part is not None)
        if self.handover.is_bound:
            yield self.handover

    def rows_shown(self) -> list[SafetyActionForm]:
        """The rows as the page draws them: one left blank is no part, so nothing in it is marked as wrong."""
        fresh = {row.prefix: SafetyActionForm(prefix=row.prefix, now=self.now) for row in self.actions}
        return [fresh[row.prefix] if row.is_bound and row.is_blank else row for row in self.actions]

    def is_valid(self) -> bool:
        """Whether every part is valid."""
        return all(part.is_valid() for part in self.parts())

    def ask_about_safety(self) -> None:
        """Say at once that nothing was said of keeping people safe, not only when all else has been put right."""
        name = "no_safety_actions_because"
        if not self.answers[name].data and all(row.is_blank for row in self.actions):
            self.answers.add_error(name, NOTHING_KEPT_SAFE)

    @property
    def errors(self) -> bool:
        """Whether there is anything to put right, for the page's title."""
        return any(part.errors for part in self.parts() if part.is_bound)

    def add_error(self, field: str | None, error: str) -> None:
        """Put an operation's sentence beside its field, or at the top where there is no such field."""
        name = _IN_THE_PAGE.get(field or "", field)
        for part in self.parts():
            for own in part.fields:
                if part.add_prefix(own) == self._shown_as(name) and part.is_bound:
                    part.add_error(own, error)
                    return
        self.answers.add_error(None, error)

    def _shown_as(self, name: str | None) -> str | None:
        """The field of the page for a name of the operation: one question can be asked in two fields."""
        if name == "wishes_words":
            return "wishes_not_asked" if self.answers.cleaned_data.get("wishes") == "not-asked" else "wishes_said"
        if name and name.startswith("action-"):
            return self._action_name(name)
        return name

    def _action_name(self, name: str) -> str:
        """Rows left blank are not sent on, so the operation counts fewer than the page shows."""
        _, number, field = name.split("-", 2)
        shown = [row for row in self.actions if not row.is_blank]
        place = int(number)
        return shown[place].add_prefix(field) if place < len(shown) else name

    def typed(self) -> dict[str, list[str]]:
        """Everything typed in every part, as a draft."""
        kept: dict[str, list[str]] = {"rows": [str(len(self.actions))]}
        for part in (self.answers, *self.actions, self.threshold, self.handover):
            kept |= part.typed()
        return kept

    def triage(self) -> TriageForm:
        """The answers as the operations take them. Only when the first half is valid."""
        return self.answers.answers(self.safety_actions())

    def safety_actions(self) -> list[SafetyAction]:
        """The rows that were filled in."""
        return [row.action() for row in self.actions if not row.is_blank]

    def tellings(self) -> list[Telling]:
        """What was decided about telling others. Only on a valid form."""
        decided = [form.telling(code) for code, form in self.tells.items()]
        ticked = self.others.cleaned_data[OTHERS] if self.others else []
        return decided + [Telling(duty=code, state=TellingState.REQUIRED) for code in ticked]

    @property
    def any_other_ticked(self) -> bool:
        """Whether a duty that nothing points to was ticked, so that the page must not fold it away."""
        return self.others is not None and bool(self.others[OTHERS].value())

    @property
    def likely(self) -> tuple[Duty, ...]:
        """The duties that have a question of their own."""
        return tuple(duty for duty in self.duties if duty.code in self.tells)

    def tier_choice(self) -> TierChoice | None:
        """The tier chosen. Only on a valid form."""
        return self.tier.choice() if self.tier else None


_IN_THE_PAGE = {"safety_actions": "no_safety_actions_because"}


def as_typed(data: Any) -> dict[str, list[str]]:
    """What a request carried, as a draft that forms show again without judging it."""
    return {key: [str(value) for value in data.getlist(key)] for key in data} if data is not None else {}
