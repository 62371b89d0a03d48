"""Calls for care record systems: which pathways there are, a person's last answers, write a checklist, make a link.

Every call is made with an integration's token and in the name of one member of staff, whose own roles decide. Errors
are problems (RFC 9457) that say what to do. What can be asked is described in ``openapi.json`` beside the calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Field, Header, NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import AwareDatetime

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person, Team
from saferpractice.config import clock
from saferpractice.exchange import operations
from saferpractice.exchange.integrating import CALL, keep_refusal, keep_use, signed_link
from saferpractice.exchange.models import Integration
from saferpractice.exchange.operations.integrations import hash_of
from saferpractice.exchange.queries.integrations import (
    Checklist,
    asks_too_often,
    checklist_for,
    integration_by_token,
    staff_of,
)
from saferpractice.exchange.rules.links import LINK_LIVES
from saferpractice.pathways.presenters import ticked_codes, written
from saferpractice.pathways.queries import definition_of, definition_of_version, in_use, last_ticked, latest_case_on
from saferpractice.pathways.rules.values import EARLIEST_YEAR, from_outside
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.refusals import Invalid, Refused

REFERENCE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
CODE = r"^[a-z0-9-]+$"
STAFF: Any = Header(..., alias="On-Behalf-Of", description="The e-mail address of the member of staff who acts")
KEY: Any = Header(
    ..., alias="Idempotency-Key", description="A key of this request's own: again, it gives the same record"
)


class Problem(Exception):
    """A call that cannot be answered: the status, what is wrong, what to do, and what is wrong with which part."""

    def __init__(self, status: int, title: str, detail: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.errors = status, title, detail, errors or {}


class ProblemSaid(Schema):
    """A problem as it is answered."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: dict[str, str] = {}


class IndicatorSaid(Schema):
    """Something staff look for and tick."""

    id: str
    label: str
    look_for: list[str]


class PathwaySaid(Schema):
    """A pathway in use, and the record a case begins with."""

    pathway: str
    title: str
    version: int
    record: str = Field(description="What the record is called that a case begins with")
    ticks: list[str] = Field(description="The fields of that record in which indicators are ticked")
    fields: list[str] = Field(description="Every field of that record")
    indicators: list[IndicatorSaid]


class LastAnswers(Schema):
    """The newest checklist of a person on a pathway that this member of staff may open."""

    person: str
    pathway: str
    case_open: bool
    happened_at: datetime | None = None
    by: str | None = None
    present: list[str] = []


class ChecklistGiven(Schema):
    """A checklist to write down."""

    person: str = Field(pattern=REFERENCE, max_length=60, description="The reference of the person supported")
    pathway: str = Field(pattern=CODE, max_length=80)
    values: dict[str, Any] = Field(description="The answers, by the codes of the record's fields")
    team: str | None = Field(None, description="The team's name, where the member of staff works in several")
    happened_at: AwareDatetime | None = Field(None, description="When it happened; now where it is left out")


class ChecklistWritten(Schema):
    """What was written down, and what follows."""

    case: str
    record: str
    told: str = Field(description="How many are present and what is to be done, to show to the member of staff")


class LinkWanted(Schema):
    """For which showing of the checklist a link is wanted."""

    person: str = Field(pattern=REFERENCE, max_length=60)
    pathway: str = Field(pattern=CODE, max_length=80)


class LinkMade(Schema):
    """A link that opens once."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, in whose name, and when."""

    integration: Integration
    staff: Person
    at: datetime


class Token(HttpBearer):
    """The token of an integration."""

    def authenticate(self, request: HttpRequest, token: str) -> Integration | None:
        """The integration whose newest token this is."""
        return integration_by_token(hash_of(token))


api = NinjaAPI(
    title="Safer Practice",
    version="1",
    description=__doc__,
    docs_url=None,
    urls_namespace="api",
    auth=Token(),
)
PROBLEMS = {400: ProblemSaid, 401: ProblemSaid, 403: ProblemSaid, 404: ProblemSaid, 422: ProblemSaid, 429: ProblemSaid}
HOW_TO_BE_KNOWN = "Send the newest token of an integration that is not revoked, as “Authorization: Bearer sp_…”."
PUT_RIGHT = "Put right what is named under errors."
WAIT_SECONDS = 60


def _answer(problem: Problem) -> HttpResponse:
    said = ProblemSaid(title=problem.title, status=problem.status, detail=problem.detail, errors=problem.errors)
    response = JsonResponse(said.model_dump(), status=problem.status, content_type="application/problem+json")
    if problem.status == 429:
        response["Retry-After"] = str(WAIT_SECONDS)
    return response


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return _answer(error)


@api.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _unread(request, error.status_code, "Send JSON as the description of the calls says.")


@api.exception_handler(AuthenticationError)
def _not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    keep_refusal(None, clock.now(), CALL, "no such token")
    response = _answer(Problem(401, "Not known", HOW_TO_BE_KNOWN))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def _not_readable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = {".".join(str(part) for part in one["loc"][-1:]): str(one["msg"]) for one in error.errors}
    return _unread(request, 422, "Put right what is named under errors and send it again.", errors)


def _unread(request: HttpRequest, status: int, detail: str, errors: dict[str, str] | None = None) -> HttpResponse:
    """A call with a token that nobody could read: kept and counted like any other, or nonsense would have no limit."""
    at, integration = clock.now(), request.auth  # type: ignore[attr-defined]
    if asks_too_often(integration, at):
        return _answer(_too_many())
    keep_refusal(integration, at, CALL, "not readable")
    return _answer(Problem(status, "Not readable", detail, errors))


def _too_many() -> Problem:
    return Problem(429, "Too many calls", f"Wait {WAIT_SECONDS} seconds and call again.")


def _not_written(caller: Caller, title: str, detail: str, errors: dict[str, str]) -> Problem:
    """A checklist that cannot be written down as it was sent. Kept with who asked, never with what was typed."""
    keep_refusal(caller.integration, caller.at, CALL, "not written down", caller.staff)
    return Problem(422, title, detail, errors)


def _caller(request: HttpRequest, staff: str) -> Caller:
    at, integration = clock.now(), request.auth  # type: ignore[attr-defined]
    if asks_too_often(integration, at):
        raise _too_many()
    person = staff_of(integration, staff, at)
    if person is None:
        keep_refusal(integration, at, CALL, "not staff of these services")
        raise Problem(
            403,
            "Not staff of these services",
            "Name in “On-Behalf-Of” the e-mail address of somebody who can sign in here and works in one of the "
            "integration's services.",
        )
    return Caller(integration, person, at)


def _checklist(caller: Caller, person: str, pathway: str) -> Checklist:
    found = checklist_for(caller.integration, caller.staff, person, pathway, caller.at)
    if found is None:
        keep_refusal(caller.integration, caller.at, CALL, "no such checklist", caller.staff)
        raise Problem(404, "No such checklist", "Choose a pathway of those listed, for a team this person works in.")
    return found


def _look(caller: Caller, found: Checklist, page: str) -> None:
    detail = f"{found.reference}, in “{caller.integration.name}”"
    story_id = found.case.pk if found.case else None
    record_look(by=caller.staff, at=caller.at, page=page, story_id=story_id, detail=detail)


@api.get("/pathways", response={200: list[PathwaySaid], **PROBLEMS}, operation_id="pathways", url_name="pathways")
def pathways(request: HttpRequest, on_behalf_of: str = STAFF) -> list[PathwaySaid]:
    """The pathways in use, with what staff look for."""
    caller = _caller(request, on_behalf_of)
    found = []
    for version in in_use(caller.integration.provider_id, caller.at):
        definition = definition_of_version(version)
        begins = definition.begins_with
        indicators = [
            IndicatorSaid(id=one.id, label=one.label, look_for=list(one.look_for)) for one in definition.indicators
        ]
        found.append(
            PathwaySaid(
                pathway=version.pathway,
                title=version.title,
                version=version.number,
                record=begins.label,
                ticks=[part.id for part in begins.ticks],
                fields=[part.id for part in begins.fields],
                indicators=indicators,
            )
        )
    keep_use(caller.integration, caller.at, CALL, "done: pathways", caller.staff)
    return found


@api.get("/answers", response={200: LastAnswers, **PROBLEMS}, operation_id="answers", url_name="answers")
def answers(
    request: HttpRequest,
    person: Annotated[str, Query(pattern=REFERENCE, max_length=60)],
    pathway: Annotated[str, Query(pattern=CODE, max_length=80)],
    on_behalf_of: str = STAFF,
) -> LastAnswers:
    """A person's last answers on a pathway. Nobody known here is answered like somebody without answers."""
    caller = _caller(request, on_behalf_of)
    found = _checklist(caller, person, pathway)
    _look(caller, found, "last answers, call")
    newest = last_ticked(found.case or latest_case_on(caller.staff, caller.at, found.reference, pathway))
    keep_use(caller.integration, caller.at, CALL, "done: answers", caller.staff)
    return LastAnswers(
        person=found.reference,
        pathway=pathway,
        case_open=found.case is not None,
        happened_at=newest.happened_at if newest else None,
        by=newest.decided_by_name if newest else None,
        present=ticked_codes(newest, definition_of(newest.case)) if newest else [],
    )


@api.post("/checklists", response={200: ChecklistWritten, **PROBLEMS}, operation_id="write", url_name="checklists")
def write(
    request: HttpRequest, given: ChecklistGiven, on_behalf_of: str = STAFF, idempotency_key: str = KEY
) -> ChecklistWritten:
    """Write a checklist down; the first indicator ticked opens the case. One Idempotency-Key gives one record."""
    caller = _caller(request, on_behalf_of)
    found = _checklist(caller, given.person, given.pathway)
    _look(caller, found, "checklist, call")
    team = _team(caller, found, given.team)
    values, errors = from_outside(found.definition.begins_with, given.values)
    happened_at = given.happened_at or caller.at
    if happened_at.year < EARLIEST_YEAR:
        errors["happened_at"] = f"Send a moment since {EARLIEST_YEAR}."
    if errors:
        raise _not_written(caller, "Not written down", PUT_RIGHT, errors)
    try:
        record = twice_at_once(
            lambda: operations.write_through(
                by=caller.staff,
                at=caller.at,
                integration=caller.integration,
                team=team,
                version=found.version,
                person_reference=found.reference,
                happened_at=happened_at,
                values=values,
                key=idempotency_key,
            )
        )
    except Invalid as invalid:
        errors = {name or "whole": sentence for name, sentence in invalid.problems.items()}
        raise _not_written(caller, "Not written down", PUT_RIGHT, errors) from invalid
    except Refused as refused:
        keep_refusal(caller.integration, caller.at, CALL, "not theirs to write", caller.staff)
        raise Problem(403, "Not theirs to write", refused.sentence) from refused
    keep_use(caller.integration, caller.at, CALL, "done: checklist", caller.staff)
    return ChecklistWritten(case=str(record.case_id), record=str(record.pk), told=written(record, caller.at))


def _team(caller: Caller, found: Checklist, named: str | None) -> Team:
    if found.case is not None:
        return found.case.team
    teams = list(found.teams)
    chosen = [team for team in teams if team.name == named] if named else [found.team] if found.team else []
    if len(chosen) != 1 or chosen[0] is None:
        names = ", ".join(team.name for team in teams)
        detail = f"Name the team in “team”: one of {names}."
        raise _not_written(caller, "Which team?", detail, {"team": "Name one of them"})
    return chosen[0]


@api.post("/links", response={200: LinkMade, **PROBLEMS}, operation_id="link", url_name="links")
def link(request: HttpRequest, wanted: LinkWanted, on_behalf_of: str = STAFF) -> LinkMade:
    """Make a link that shows the checklist in a frame, once, within five minutes."""
    caller = _caller(request, on_behalf_of)
    found = _checklist(caller, wanted.person, wanted.pathway)
    parts = signed_link(
        caller.integration, person=found.reference, staff=caller.staff.email, pathway=wanted.pathway, at=caller.at
    )
    keep_use(caller.integration, caller.at, CALL, "done: link", caller.staff)
    address = settings.BASE_URL + reverse("embed:checklist", args=[caller.integration.pk])
    return LinkMade(url=f"{address}?{urlencode(parts)}", expires_at=caller.at + LINK_LIVES - timedelta(seconds=1))


def description() -> dict[str, Any]:
    """What can be asked, as OpenAPI says it."""
    return dict(api.get_openapi_schema(path_prefix="/api/v1/"))


def addresses() -> tuple[list[Any], str, str]:
    """The addresses of the calls, for the root. A token stands for sign-in here, so the pages of sign-in stay out."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        setattr(pattern.callback, "login_required", False)  # noqa: B010 - a view is a plain function to the types
    return patterns, app, namespace
