"""Pages made of every piece of the design room, to be looked at in a browser."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from saferpractice.design import forms
from saferpractice.design.charts import Bar, Interval

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONG = "Meadowbankcommunitymentalhealthrehabilitationandrecoveryservice"

# What the server received: the journeys run in the process that serves.
SENT: list[dict[str, list[str]]] = []
DRAFTS: list[dict[str, list[str]]] = []


class Harm(Enum):
    """Levels of harm."""

    NONE = "none"
    LOW = "low"


class ReportForm(forms.Form):
    """One field of every kind."""

    what = forms.LongTextField("What happened?", hint="Say it as you would to a colleague", count=True, max_length=200)
    owner = forms.TextField("Owner", width=20)
    email = forms.EmailField("Email", required=False)
    when = forms.LocalDateTimeField(
        "When did it happen?", past=True, recent=True, hint="For example, 27 3 2026 and 14:30"
    )
    day = forms.DayField("Review date", required=False)
    at_risk = forms.YesNoField("Is anyone still at risk?", reveals={True: ["who"]}, inline=True)
    who = forms.LongTextField("Who, and from what?", rows=2)
    harm = forms.ChoiceField("Physical harm", choices=Harm, hints={Harm.LOW: "Some observation"})
    themes = forms.ManyChoicesField(
        "Themes", choices=[("a", "Self-neglect"), ("o", "Other")], reveals={"o": ["other"]}, none_label="None of these"
    )
    other = forms.TextField("Which other?")
    team = forms.SelectField("Team", choices=[("1", LONG)])
    number = forms.NumberField("Staff trained", suffix="people", required=False)
    proof = forms.UploadField("Proof", required=False)
    tick = forms.TickField("I have read the guidance")
    draft = forms.HiddenField(required=False)


class FilterForm(forms.Form):
    """Filters of a list."""

    mark_optional = False
    q = forms.TextField("Search", required=False)
    team = forms.SelectField("Team", choices=[("1", LONG)], empty="Any", required=False)


FORM = """
{% extends "design/layout.html" %}
{% from "design/page.html" import back, heading %}
{% from "design/form.html" import form_tag, fields, submit %}
{% block title %}Report an incident{% endblock %}
{% block back %}{{ back("/list", "Back to the list") }}{% endblock %}
{% block content %}
{{ heading("Report an incident", caption="Elm House") }}
{% call form_tag(form, csrf_input, autosave_url="/draft") %}
{{ fields(form) }}{{ submit("Send the report", secondary=("Save for later", "later"), cancel="/list") }}
{% endcall %}
{% endblock %}
"""
LIST = """
{% extends "design/layout.html" %}
{% from "design/page.html" import breadcrumb, button_link, counts, filtered, heading, nothing_here, older_newer, tag %}
{% from "design/table.html" import table %}
{% block title %}Incidents{% endblock %}
{% block back %}{{ breadcrumb([("My work", "/form"), (long, "/list")]) }}{% endblock %}
{% block content %}
{% call heading("Incidents") %}{{ button_link("Report an incident", "/form") }}{% endcall %}
{{ counts([{"number": 3, "text": "overdue", "href": "/list", "meaning": "bad"}, {"number": 12, "text": "open"}]) }}
{% call filtered(filters, clear="/list") %}
{% set rows = [] %}
{% for days in (1, 22, 333) %}
{% do rows.append([{"text": "2026-%03d"|format(days), "href": "/record"}, long, tag("Overdue", "bad"), days, none]) %}
{% endfor %}
{{ table("Open incidents", [{"text": "Reference", "sort": "ref"}, "Team", "State", {"text": "Days", "numeric": True,
  "sort": "days"}, "Owner"], rows, request=request) }}
{{ older_newer(newer="?after=9", older="?before=3") }}
{% endcall %}
<h2>Conditions</h2>
{{ charts.bar_chart(bars, "Conditions", cumulative=True) }}
{{ table("Conditions", ["Condition", {"text": "Times", "numeric": True}], [["Unclear threshold", 12]], wide=True) }}
{{ charts.interval_chart(intervals, "Same-day consultation", unit="%", target=90) }}
{% call nothing_here("No reviews yet") %}<p>{{ button_link("Start one", "/form", secondary=True) }}</p>{% endcall %}
{% endblock %}
"""
RECORD = """
{% extends "design/layout.html" %}
{% from "design/page.html" import card, details, heading, inset, needed, refused, story, summary, tag, warning %}
{% from "design/form.html" import act %}
{% block title %}Incident 2026-014{% endblock %}
{% block content %}
{% call heading("Incident 2026-014", caption=long, lead="Reported 3 days ago") %}
{{ tag("Restricted", "restricted") }}
{% endcall %}
{% call warning("Someone is still at risk") %}<p>Tell the duty manager now.</p>{% endcall %}
{{ summary([{"key": "Team", "value": long}, {"key": "Harm", "value": tag("Low", "good"), "href": "/form"}]) }}
<h2>Needed</h2>
{{ needed([{"text": "Timeline", "present": False, "href": "/form", "hint": long},
  {"text": "Check", "present": True}]) }}
<h2>Story</h2>
{{ story([{"when": now|localtime, "who": "Sam Lee", "text": "Referred", "detail": long}, {"when": now|localday,
  "text": "Decided", "href": "/form", "important": True}]) }}
{% call inset() %}<p>One page.</p>{% endcall %}
{% call details("Why we ask") %}<p>Because.</p>{% endcall %}
{% call card("Triage", href="/form") %}<p>Decided.</p>{% endcall %}
{{ refused("Complete the review", "Add the timeline first.") }}
{{ act("Accept", "/record", csrf_input) }} {{ act("Send back", "/record", csrf_input, secondary=True) }}
{% for meaning in ("good", "bad", "warning", "waiting", "working", "quiet", "new", "restricted") %}
{{ tag(meaning, meaning) }}
{% endfor %}
{{ nhsuk.tabs({"items": [{"label": "One", "id": "one", "panel": {"html": "<p>1</p>"}}, {"label": "Two", "id": "two",
  "panel": {"html": "<p>2</p>"}}]}) }}
{% endblock %}
"""


def _page(request: HttpRequest, source: str, **context: Any) -> HttpResponse:
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    from django.template.backends.utils import csrf_input

    return HttpResponse(
        env.from_string(source).render({"request": request, "csrf_input": csrf_input(request), "long": LONG, **context})
    )


def form(request: HttpRequest) -> HttpResponse:
    """Every field; a sent form is remembered."""
    if request.method == "POST":
        SENT.append({name: request.POST.getlist(name) for name in request.POST})
    report = ReportForm(request.POST or None, request.FILES or None, now=NOW)
    if report.is_valid():
        messages.success(request, "The report was sent.")
    return _page(request, FORM, form=report)


def draft(request: HttpRequest) -> HttpResponse:
    """Keeps what is typed."""
    DRAFTS.append(ReportForm(request.POST, now=NOW).typed())
    return JsonResponse({"saved_at": "14:03", "set": {"draft": "17"}})


def listing(request: HttpRequest) -> HttpResponse:
    """A worklist with charts."""
    bars = [Bar("Unclear threshold", 12), Bar(LONG, 7), Bar("No duty cover", 3, strong=True)]
    intervals = [Interval("Before", 62, 51, 72), Interval("After", 84, 75, 91)]
    return _page(request, LIST, filters=FilterForm(request.GET or None), bars=bars, intervals=intervals)


def record(request: HttpRequest) -> HttpResponse:
    """One incident."""
    return _page(request, RECORD, now=NOW)


urlpatterns = [
    path("form", login_not_required(form)),
    path("draft", login_not_required(draft)),
    path("list", login_not_required(listing)),
    path("record", login_not_required(record)),
    path("account/", include("allauth.urls")),
]
