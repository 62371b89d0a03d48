"""Pages of stage 1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.models import Person, Team
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import colleagues, own_team, teams_to_report_from
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.config.encryption import CannotDecrypt
from saferpractice.deadlines.rules import local_day, time_label
from saferpractice.design.forms import Form
from saferpractice.incidents import drafts, operations
from saferpractice.incidents.forms import (
    CorrectionForm,
    HarmForm,
    KeepFromForm,
    NamePersonForm,
    ReportForm,
    RestrictionForm,
    WithdrawalForm,
)
from saferpractice.incidents.looking import open_incident
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_decide_access, check_can_report_somewhere, check_can_see_name
from saferpractice.incidents.presenters import is_unnamed
from saferpractice.incidents.queries import (
    incident_reported_as,
    incident_reported_by,
    incident_sent_with,
    name_of,
    named_access_of,
    withdrawal_of,
)
from saferpractice.incidents.rules import Answer
from saferpractice.lists.queries import Choice, choices

TOO_LONG = "This is too long to keep unsent. Shorten it, or send it now."
REPORT_LISTS = ("themes", "physical-harm", "psychological-harm")


def _lists(person: Person, at: datetime) -> dict[str, tuple[Choice, ...]]:
    day = local_day(at)
    return {name: choices(name, provider_id=person.provider_id, on=day) for name in REPORT_LISTS}


def _report_form(person: Person, at: datetime, data: Any = None, **kwargs: Any) -> ReportForm:
    return ReportForm(
        data,
        now=at,
        teams=teams_to_report_from(person),
        own_team=own_team(person, at),
        lists=_lists(person, at),
        **kwargs,
    )


def _key(text: str) -> str:
    """A key that came with a request, as it is kept: no characters that a database refuses, and not too long."""
    return "".join(one for one in text if one.isprintable())[:80]


def _reporter(request: HttpRequest, at: datetime) -> Person:
    """Whoever asks, if they work here; to everybody else there is no report form and no draft of one."""
    person = person_of(request)
    if not allowed(check_can_report_somewhere, by=person, at=at)[0]:
        raise Http404
    return person


def report(request: HttpRequest) -> HttpResponse:
    """Report an incident; ``?draft=<key>`` goes on with one that was not sent."""
    at = clock.now()
    person = _reporter(request, at)
    if request.method == "POST":
        return _send_report(request, person, at)
    key = _key(request.GET.get("draft", "")) or uuid4().hex
    kept = _kept(request, person, at, key) if "draft" in request.GET else None
    form = _report_form(person, at, kept=kept, initial={"submission_key": key})
    return _report_page(request, form, person, at, key)


def _kept(request: HttpRequest, person: Person, at: datetime, key: str) -> dict[str, Any] | None:
    try:
        kept = drafts.read_draft(person=person, key=key, at=at)
    except CannotDecrypt:
        kept = None
    if kept is None:
        messages.warning(
            request, "That report is no longer kept here: it was sent, thrown away, or older than a fortnight."
        )
    return kept


def _send_report(request: HttpRequest, person: Person, at: datetime) -> HttpResponse:
    form = _report_form(person, at, request.POST)
    key = _key(request.POST.get("submission_key", "")) or uuid4().hex
    if "later" in request.POST:
        if drafts.save_draft(person=person, key=key, answers=form.typed(), at=at):
            messages.success(request, "Your report is saved and not sent yet. Go on with it from your work page.")
            return redirect("home:my_work")
        messages.error(request, f"{TOO_LONG} What you typed is still on this page.")
        return _report_page(request, _report_form(person, at, kept=form.typed()), person, at, key)
    if form.is_valid():
        add = _key(request.POST.get("add", ""))
        done = _add_to_report(form, person, at, add) if add else _report(request, form, person, at, key)
        if done is not None:
            drafts.discard_draft(person=person, key=key)
            return _sent(request, done, again=bool(add))
    if form.sent_before is None:
        return _report_page(request, form, person, at, key)
    fresh = form["submission_key"].value()  # the first report keeps its key: what is typed now is a draft of its own
    drafts.discard_draft(person=person, key=key)
    drafts.save_draft(person=person, key=fresh, answers=form.typed(), at=at)
    return _report_page(request, form, person, at, fresh, earlier=incident_sent_with(person, key))


def _report(request: HttpRequest, form: ReportForm, person: Person, at: datetime, key: str) -> Incident | None:
    team: Team = form.cleaned_data["team"]
    return attempt(
        form, lambda: operations.send_report(by=person, at=at, team=team, report=form.report(), submission_key=key)
    )


def _add_to_report(form: ReportForm, person: Person, at: datetime, reference: str) -> Incident | None:
    """Put what differs beside a report this person sent before."""
    mine = incident_reported_as(person, reference)
    if mine is None:
        raise Http404
    team: Team = form.cleaned_data["team"]
    kept = attempt(
        form, lambda: operations.add_to_report(by=person, at=at, incident=mine, team=team, report=form.report())
    )
    return mine if kept is not None else None


def _sent(request: HttpRequest, incident: Incident, *, again: bool) -> HttpResponse:
    added = f"What differs stands beside your report. It is incident {incident.reference}."
    messages.success(request, added if again else _sent_words(incident))
    return redirect("home:my_report", incident.pk)


def _sent_words(incident: Incident) -> str:
    """What the reporter is told: that it was sent, who has it now, and where to look."""
    who = "The safeguarding lead" if incident.restricted else "The duty manager"
    at_risk = incident.still_at_risk != Answer.NO
    now = "is told now that somebody may be at risk" if at_risk else "decides what happens next"
    return f"Your report was sent. It is incident {incident.reference}. {who} {now}. This page shows what comes of it."


def _report_page(
    request: HttpRequest, form: ReportForm, person: Person, at: datetime, key: str, *, earlier: Incident | None = None
) -> HttpResponse:
    others = [draft for draft in drafts.drafts_of(person=person, at=at) if draft.key != key]
    context = {"form": form, "key": key, "other_drafts": others, "earlier": earlier}
    return render(request, "incidents/report.html", context, status=status_of(form))


@require_POST
def save_draft(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a report as it is typed. Answers with the London time at which it was saved."""
    at = clock.now()
    person = _reporter(request, at)
    form = _report_form(person, at, request.POST)
    if not drafts.save_draft(person=person, key=_key(key), answers=form.typed(), at=at):
        return JsonResponse({"error": TOO_LONG}, status=413)
    return JsonResponse({"saved_at": time_label(at)})


@require_POST
def discard_draft(request: HttpRequest, key: str) -> HttpResponse:
    """Throw a draft away."""
    drafts.discard_draft(person=_reporter(request, clock.now()), key=_key(key))
    messages.success(request, "The draft was thrown away.")
    return redirect("home:my_work")


def _small_form(
    request: HttpRequest,
    form: Form,
    do: Callable[[Any], object],
    *,
    back: tuple[str, UUID],
    done: str,
    words: dict[str, str],
) -> HttpResponse:
    """One form, one operation: run it when sent and valid, else show the form again with everything kept."""
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: do(form.cleaned_data)) is not None:
        messages.success(request, done)
        return redirect(*back)
    return render(request, "incidents/small_form.html", {"form": form, "back": back, **words})


def grade_harm(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Grade the harm again."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="grade harm")
    initial = {"physical_harm": incident.physical_harm, "psychological_harm": incident.psychological_harm}
    return _small_form(
        request,
        HarmForm(request.POST or None, lists=_lists(person, at), initial=initial),
        lambda data: operations.grade_harm(by=person, at=at, incident=incident, **data),
        back=("home:incident", incident.pk),
        done="The harm was graded again.",
        words={
            "title": "Grade the harm again",
            "caption": f"Incident {incident.reference}",
            "button": "Save the grading",
            "lead": "The earlier grading stays on record beside this one.",
        },
    )


def _incident_to_correct(person: Person, at: datetime, incident_id: UUID) -> tuple[Incident, str]:
    mine = incident_reported_by(person, incident_id)
    if mine is not None and withdrawal_of(mine) is None:
        return mine, "home:my_report"
    return open_incident(by=person, at=at, incident_id=incident_id, page="correction"), "home:incident"


def correct(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Add a correction or something learnt later; the reporter may, and whoever may open the incident."""
    person, at = person_of(request), clock.now()
    incident, back = _incident_to_correct(person, at, incident_id)
    return _small_form(
        request,
        CorrectionForm(request.POST or None),
        lambda data: operations.correct_report(by=person, at=at, incident=incident, **data),
        back=(back, incident.pk),
        done="Your correction stands beside the report.",
        words={
            "title": "Correct or add to the report",
            "caption": f"Incident {incident.reference}",
            "button": "Add this",
            "lead": "What was first written stays. Your correction stands beside it, with the time and "
            + ("without your name, as you asked." if is_unnamed(incident, person) else "your name."),
        },
    )


@require_safe
def name(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """The name of the person an incident concerns, for whoever must act for them. The look is recorded as such."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="name of the person")
    if not allowed(check_can_see_name, by=person, at=at, incident=incident)[0]:
        raise Http404
    return render(request, "incidents/name.html", {"incident": incident, "name": name_of(incident)})


def withdraw(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Withdraw an incident that should not stand, such as one reported twice."""
    person, at = person_of(request), clock.now()
    incident = _incident_to_guard(person, at, incident_id)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form, lambda: operations.withdraw_incident(by=person, at=at, incident=incident, **form.cleaned_data)
        )
        if done is not None:
            messages.success(request, f"Incident {incident.reference} is withdrawn. Its record stays.")
            return redirect("home:incidents")
    words = {
        "title": "Withdraw this incident",
        "caption": f"Incident {incident.reference}",
        "button": "Withdraw it",
        "lead": "For an incident that should not stand, such as one reported twice. It leaves lists and figures and "
        "nothing more is owed on it; its record and its trail stay, and its reporter sees that it was withdrawn.",
    }
    back = ("incidents:who_may_see", incident.pk)
    return render(request, "incidents/small_form.html", {"form": form, "back": back, **words})


def _incident_to_guard(person: Person, at: datetime, incident_id: UUID) -> Incident:
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="who may see")
    if not allowed(check_can_decide_access, by=person, at=at, incident=incident)[0]:
        raise Http404
    return incident


def who_may_see(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Who may see an incident: restricted or not, who is named, who is kept from it."""
    person, at = person_of(request), clock.now()
    incident = _incident_to_guard(person, at, incident_id)
    return render(
        request, "incidents/who_may_see.html", {"incident": incident, "named": named_access_of(incident, at), "now": at}
    )


def restrict(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Restrict an incident to named people, or lift that."""
    person, at = person_of(request), clock.now()
    incident = _incident_to_guard(person, at, incident_id)
    wanted = RestrictionForm.OPEN if incident.restricted else RestrictionForm.RESTRICTED
    form = RestrictionForm(request.POST or None, initial={"wanted": wanted})
    title = "Restrict to named people" if form.restricts else "Lift the restriction"
    return _small_form(
        request,
        form,
        lambda data: operations.decide_restriction(
            by=person, at=at, incident=incident, restricted=form.restricts, reason=data["reason"]
        ),
        back=("incidents:who_may_see", incident.pk),
        done="The decision is on record.",
        words={"title": title, "caption": f"Incident {incident.reference}", "button": title, "lead": ""},
    )


def name_person(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Let somebody into an incident by name."""
    person, at = person_of(request), clock.now()
    incident = _incident_to_guard(person, at, incident_id)
    return _small_form(
        request,
        NamePersonForm(request.POST or None, people=colleagues(person)),
        lambda data: operations.name_person(by=person, at=at, incident=incident, **data),
        back=("incidents:who_may_see", incident.pk),
        done="They can now open this incident.",
        words={
            "title": "Let somebody see this incident",
            "caption": f"Incident {incident.reference}",
            "button": "Let them see it",
            "lead": "Name as few people as it needs. Every look is recorded.",
        },
    )


@require_POST
def end_named(request: HttpRequest, incident_id: UUID, named_id: UUID) -> HttpResponse:
    """End somebody's access by name."""
    person, at = person_of(request), clock.now()
    incident = _incident_to_guard(person, at, incident_id)
    named = incident.named_access.filter(pk=named_id).first()
    if named is None:
        raise Http404
    form = Form({})
    if attempt(form, lambda: operations.end_named_access(by=person, at=at, named=named)) is None:
        messages.error(request, " ".join(str(error) for error in form.non_field_errors()))
    else:
        messages.success(request, "Their access has ended.")
    return redirect("incidents:who_may_see", incident.pk)


def keep_from(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Keep somebody from ever reading an incident."""
    person, at = person_of(request), clock.now()
    incident = _incident_to_guard(person, at, incident_id)
    return _small_form(
        request,
        KeepFromForm(request.POST or None, people=colleagues(person)),
        lambda data: operations.keep_from(by=person, at=at, incident=incident, **data),
        back=("incidents:who_may_see", incident.pk),
        done="They can no longer see this incident.",
        words={
            "title": "Keep somebody from this incident",
            "caption": f"Incident {incident.reference}",
            "button": "Keep them from it",
            "lead": "For somebody an allegation is about, a relative, or another conflict of interest. "
            "They will not see it, whatever their role.",
        },
    )
