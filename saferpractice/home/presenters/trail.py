"""What administrators are told of the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.words import plural, tag
from saferpractice.evidence.queries.heads import Outlet
from saferpractice.trail.models import TimeStamp
from saferpractice.trail.queries import TrailState

SEALED_WITHIN = timedelta(minutes=10)
"""The worker seals each minute: after ten, something holds it up."""
VERIFIED_WITHIN = timedelta(days=2)
TAKEN_WITHIN = timedelta(hours=1)
"""A message outside that is not taken for so long is worth a look."""
OUTLETS_HEADER = ("Where", "How", "Last sent", "The newest")


@dataclass(frozen=True, slots=True)
class TrailShown:
    """Sentences for the page. ``worries`` say what must be done, ``troubles`` what the last verification found.

    How many entries came since the last head is not said: a number that rises as somebody works on what the reader may
    not know of would tell that there is something.
    """

    sealed: str
    verified: str
    worries: tuple[str, ...]
    troubles: tuple[str, ...]


def trail_shown(state: TrailState, at: datetime, outlets: Sequence[Outlet] = ()) -> TrailShown:
    """The state of a trail and of where its heads go in words, and what is wrong with it."""
    worries = []
    sealed, verified = "Nothing is signed yet", "Never"
    if state.seal is not None:
        sealed = f"Head {state.seal.number}, over {state.seal.size:,} entries, {local_time_label(state.seal.at)}"
    first = state.first_unsealed
    if first is not None and at - first.at > SEALED_WITHIN:
        worries.append(
            f"There are entries under no signed head, the oldest since {local_time_label(first.at)}."
            " The worker signs each minute: see whether it runs, and what its log says."
        )
    troubles: tuple[str, ...] = ()
    found = state.verified
    if found is not None:
        more = (f"And {found.more} more.",) if found.more else ()
        troubles = (*found.troubles, *more)
        result = "not whole" if troubles else "whole"
        heads = f"{plural(found.heads, 'head holds', 'heads hold')}, {plural(found.kept, 'head')} kept outside compared"
        verified = f"{local_time_label(found.at)}: {result}, {found.entries:,} entries, {heads}"
    if troubles:
        worries.append("The trail is not what was written. Change nothing, keep the backups, and have it looked into.")
    if found is None or at - found.at > VERIFIED_WITHIN:
        worries.append("The trail was not verified in the last two days. Have “saferpractice trail verify” run.")
    worries += [worry for worry in (_worry(outlet, at) for outlet in outlets) if worry]
    return TrailShown(sealed, verified, tuple(worries), troubles)


def _worry(outlet: Outlet, at: datetime) -> str:
    """What must be done about a place that heads do not reach; "" where nothing must."""
    newest = outlet.newest
    if newest is None or newest.sent_at is not None:
        return ""
    if newest.given_up_at is None and (not newest.attempts or at - newest.created_at <= TAKEN_WITHIN):
        return ""
    what = {"time stamps": "No time stamp comes from", "webhook": "Signed heads do not reach"}
    return f"{what.get(outlet.means, 'Signed heads cannot be e-mailed to')} {outlet.to}. {_reason(outlet)}"


def _reason(outlet: Outlet) -> str:
    if outlet.newest is None or not outlet.newest.last_error:
        return ""
    if outlet.means == "e-mail":
        return "The mail server refuses them or is away."  # what it says may name people
    return outlet.newest.last_error


def stamp_shown(stamp: TimeStamp | None) -> str:
    """The newest time stamp in words."""
    if stamp is None:
        return "None yet"
    return f"Head {stamp.number}, seen by {stamp.authority} on {local_time_label(stamp.stamped_at)}"


def outlet_rows(outlets: Sequence[Outlet]) -> list[list[Any]]:
    """The rows of the table of where heads go."""
    return [
        [
            outlet.to,
            outlet.means[:1].upper() + outlet.means[1:],
            local_time_label(outlet.sent.sent_at) if outlet.sent is not None and outlet.sent.sent_at else None,
            _newest(outlet),
        ]
        for outlet in outlets
    ]


def _newest(outlet: Outlet) -> Any:
    newest = outlet.newest
    if newest is None:
        return tag("Nothing yet", "quiet")
    if newest.sent_at is not None:
        return tag("Sent", "good")
    if newest.given_up_at is not None:
        return _tagged("Given up", "bad", _reason(outlet))
    if newest.attempts and newest.last_error:
        tried = plural(newest.attempts, "try", "tries")
        return _tagged("Not taken yet", "warning", f"{_reason(outlet)} {tried} so far, and it is tried again.")
    return tag("Waiting", "waiting")


def _tagged(text: str, meaning: str, why: str) -> Markup:
    return Markup("{} {}").format(tag(text, meaning), why)
