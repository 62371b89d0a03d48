"""Partners of a case: agencies, people there, decisions on sharing, and somebody who came in. Through operations."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from saferpractice.access.models import Person, Provider
from saferpractice.config import encryption
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.partners import operations
from saferpractice.partners.models import Agency, Contact, PartnerInvitation, PartnerSession, SharingDecision
from saferpractice.partners.views.entering import DOOR
from saferpractice.partners.views.shared import SESSION
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from tests.factories.pathways import a_case, a_record, hours
from tests.personas import LONG_AGO, SET_UP, Cast
from tests.rules.pathways.cases import REVIEW

_numbers = itertools.count(1)
GIVEN = {"decision": "given", "told-person": "yes"}
OVERRIDDEN = {
    "decision": "refused-overridden",
    "lawful-basis": "vital-interests",
    "rationale": "She may be killed if nobody knows.",
    "told-person": "no",
    "why-not-told": "The man who controls her reads her messages.",
}


def an_agency(cast: Cast, name: str = "Example Police", kind: str = "police", of: Provider | None = None) -> Agency:
    """An agency that the provider works with."""
    return operations.add_agency(by=SET_UP, at=LONG_AGO, provider=of or cast.provider, name=name, kind=kind)


def a_contact(agency: Agency, name: str = "Petra Quill") -> Contact:
    """Somebody at an agency, with an address of their own."""
    email = f"{name.split(maxsplit=1)[0].lower()}.{next(_numbers)}@partner.example"
    return operations.add_contact(by=SET_UP, at=LONG_AGO, agency=agency, name=name, email=email)


def an_exploitation(cast: Cast, **more: Any) -> PathwayCase:
    """A case with a sign seen, an hour after NOW."""
    case = a_case(cast, "exploitation", **more)
    a_record(case, "checklist", 1, by=more.get("by") or cast.worker, present=("coercion",))
    return case


def a_decision(
    case: PathwayCase, agency: Agency, *, by: Person, hour: float = 2, values: dict[str, str] = GIVEN, **more: Any
) -> PathwayRecord:
    """A decision on sharing with an agency, so many hours after NOW."""
    return a_record(case, "sharing-decision", hour, by=by, values={"partner": str(agency.pk), **values}, **more)


def a_summary(case: PathwayCase, *agencies: Agency, by: Person, hour: float = 2, **more: Any) -> PathwayRecord:
    """A summary of what is known."""
    values = {
        "known": "Two men come on benefit days.",
        "wishes": "She wants her key back.",
        "partners": [str(agency.pk) for agency in agencies],
    }
    return a_record(case, "shared-risk-summary", hour, by=by, values={**values, **more})


def an_action(
    case: PathwayCase, agency: Agency, *, by: Person, hour: float = 3, due: float = 30, **more: Any
) -> PathwayRecord:
    """An agreed action that a partner owns."""
    values = {
        "what": "police-liaison",
        "detail": "Patrol on Thursdays",
        "done-by": "partner",
        "partner": str(agency.pk),
    }
    return a_record(case, "agreed-action", hour, by=by, values={**values, "by": hours(due), **more})


def a_risk_review(case: PathwayCase, *agencies: Agency, by: Person, hour: float = 4, **more: Any) -> PathwayRecord:
    """A risk review with these partners."""
    attended = [str(agency.pk) for agency in agencies]
    more = {name.replace("_", "-"): value for name, value in more.items()}
    return a_record(case, "risk-review", hour, by=by, values={**REVIEW, "attended": attended, **more})


def shared(
    case: PathwayCase, agency: Agency, *records: PathwayRecord, by: Person, hour: float = 3, **more: Any
) -> list[SharingDecision]:
    """Records shared with an agency."""
    ids = [record.pk for record in records]
    return operations.share(by=by, at=hours(hour), case=case, agency=agency, record_ids=ids, **more)


def mailed(contact: Contact, what: str = "") -> list[str]:
    """What e-mails in the outbox say to a contact, newest first."""
    found = OutboxMessage.objects.filter(address=contact.email, subject__contains=what).order_by("-created_at", "-pk")
    return [encryption.decrypt(one.body, f"deadlines.outboxmessage:{one.key}") for one in found if one.body]


def link_in(text: str) -> str:
    """The token of the link in an e-mail."""
    found = re.search(r"/partner/invitation/([\w-]+)", text)
    assert found, text
    return found[1]


def code_in(text: str) -> str:
    """The code in an e-mail."""
    found = re.search(r"^(\d{6}) is your code", text)
    assert found, text
    return found[1]


def invited(case: PathwayCase, contact: Contact, *, by: Person, hour: float = 3) -> tuple[PartnerInvitation, str]:
    """An invitation and the token of its link."""
    invitation = operations.invite(by=by, at=hours(hour), case=case, contact=contact)
    return invitation, link_in(mailed(contact, "invited")[0])


def come_in_by(token: str, contact: Contact, at: datetime) -> PartnerSession | None:
    """Use a link as its reader does: ask for the code, read it, enter it."""
    key = operations.ask_for_code(by=DOOR, at=at, token=token)
    codes = mailed(contact, "code")
    return operations.come_in(by=DOOR, at=at, key=key, code=code_in(codes[0]) if codes else "000000")


def let_in(case: PathwayCase, contact: Contact, *, by: Person, hour: float = 3) -> Client:
    """A browser of a contact who was invited to the case and came in."""
    _, token = invited(case, contact, by=by, hour=hour)
    session = come_in_by(token, contact, hours(hour))
    assert session is not None
    return browser_of(session)


def browser_of(session: PartnerSession | None) -> Client:
    """A browser that holds the key of a session."""
    client = Client()
    held = client.session
    held[SESSION] = str(session.pk) if session else ""
    held.save()
    client.cookies["session"] = held.session_key or ""
    return client


def an_open_circle(cast: Cast) -> tuple[PathwayCase, Agency, Contact]:
    """A case on which the police may see what is shared, and somebody there."""
    agency = an_agency(cast)
    case = an_exploitation(cast)
    a_decision(case, agency, by=cast.duty_manager)
    return case, agency, a_contact(agency)


WEEK = timedelta(days=7)
