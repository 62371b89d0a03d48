"""Who may GET and who may POST every address there is, and whose record it may be: the table the tests read.

An answer is for a person only if they stand in the row **and** the record's own line below says that this state of it
is theirs. Everybody else gets the page of an address that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from tests.stages.access.scene import ELSEWHERE, ORDINARY, RESTRICTED, THEIRS, WITHDRAWN

Names = frozenset[str]


def names(text: str) -> Names:
    """Persons by the names of the cast."""
    return frozenset(text.split())


EVERYBODY = names(
    "worker colleague worker_elsewhere duty_manager duty_manager_elsewhere supervisor lead reviewer quality_lead "
    "director administrator commissioner inspector stranger kept_from former"
)
"""Everybody who is signed in. ``former`` is a quality lead whose role ended, ``kept_from`` a duty manager kept from the
provider's incidents in Riverside, ``stranger`` the safeguarding lead of another provider."""
NOBODY: Names = frozenset()

# ---- whose a record is, by state

_RIVERSIDE = names("duty_manager supervisor lead reviewer quality_lead director")
_HARBOUR = names("duty_manager_elsewhere lead reviewer quality_lead director")
_REACHED_NORTH = names("worker colleague kept_from") | _RIVERSIDE
_REACHED_EAST = names("worker_elsewhere") | _HARBOUR


def _by_state(north: Names, restricted: str, withdrawn: str, elsewhere: Names, theirs: str) -> dict[str, Names]:
    return {
        ORDINARY: north,
        RESTRICTED: names(restricted),
        WITHDRAWN: names(withdrawn),
        ELSEWHERE: elsewhere,
        THEIRS: names(theirs),
    }


_NOT_SUPERVISING = names("supervisor")
_WORKS_ON = _by_state(_RIVERSIDE - _NOT_SUPERVISING, "lead reviewer", "", _HARBOUR, "stranger")
# The columns: in North team · restricted · withdrawn · in East team · of another provider.
RECORDS: dict[str, dict[str, Names]] = {
    "incident": _by_state(_RIVERSIDE, "lead reviewer", "", _HARBOUR, "stranger"),
    # What is held about somebody is more than what stands: withdrawn reports too.
    "person held": _by_state(
        names("lead quality_lead director"),
        "lead",
        "lead quality_lead director",
        names("lead quality_lead director"),
        "stranger",
    ),
    # Whoever gathered them, and nobody else: they hold what that person may read.
    "records gathered": _by_state(names("lead"), "lead", "lead", names("lead"), "stranger"),
    # The reporter is told that it was withdrawn.
    "own report": _by_state(names("worker"), "worker", "worker", names("worker"), ""),
    "report": _by_state(
        _RIVERSIDE | names("worker"), "lead reviewer worker", "", _HARBOUR | names("worker"), "stranger"
    ),
    # Work cancelled with its incident stays in the tracker of those who had it; the incident behind it is gone.
    "work": _by_state(_RIVERSIDE, "lead reviewer", " ".join(_RIVERSIDE), _HARBOUR, "stranger"),
    "incident worked on": _WORKS_ON,
    # A change is for everybody it reaches, without its incident; its owner carries it whatever became of the incident.
    "change": _by_state(_REACHED_NORTH, " ".join(_REACHED_EAST), " ".join(_REACHED_NORTH), _REACHED_EAST, "stranger"),
    "change carried": _WORKS_ON | {WITHDRAWN: names("duty_manager")},
    "change withdrawn": _WORKS_ON,
    "change published": _by_state(
        names("quality_lead director"), "", "quality_lead director", names("quality_lead director"), ""
    ),
    "change proven": _by_state(
        _RIVERSIDE | names("kept_from"),
        "lead reviewer duty_manager_elsewhere quality_lead director",
        "duty_manager supervisor lead quality_lead director kept_from",
        _HARBOUR,
        "stranger",
    ),
    "action": _by_state(_RIVERSIDE, "lead reviewer", "duty_manager", _HARBOUR, "stranger"),
    "action done": _WORKS_ON | {WITHDRAWN: names("duty_manager")},
    "evidence judged": _by_state(
        names("lead quality_lead director"), "lead", "", names("lead quality_lead director"), "stranger"
    ),
    "case": _by_state(
        _RIVERSIDE | names("worker colleague"),
        "lead reviewer",
        " ".join(_RIVERSIDE | names("worker colleague")),
        _HARBOUR | names("worker_elsewhere"),
        "stranger",
    ),
    # Auditors of a team it reaches, but for the owner: the lead owns the change of the restricted incident.
    "audit": _by_state(
        names("lead reviewer quality_lead"),
        "reviewer quality_lead",
        "lead reviewer quality_lead",
        names("lead reviewer quality_lead"),
        "stranger",
    ),
    # What the inspection of the scene covers and shows.
    "inspected": _by_state(names("inspector"), "", "", NOBODY, ""),
    "anything": dict.fromkeys((ORDINARY, RESTRICTED, WITHDRAWN, ELSEWHERE, THEIRS), EVERYBODY),
}

# ---- roles, in the rows

MEASURES = names(
    "worker colleague worker_elsewhere duty_manager duty_manager_elsewhere supervisor lead quality_lead director "
    "stranger kept_from"
)
REBASES = names("quality_lead")
TRIAGES = names("duty_manager duty_manager_elsewhere lead director stranger")
TELLS = TRIAGES | names("quality_lead")
SHARES = names("duty_manager duty_manager_elsewhere lead stranger")
KNOWS_PARTNERS = SHARES | names("kept_from")
GUARDS = names("lead director stranger")
SENIOR = names("lead quality_lead director stranger")
REVIEWS = names("reviewer")
WRITES = names("worker colleague worker_elsewhere duty_manager duty_manager_elsewhere supervisor lead stranger")
"""Who ticks the checklist of the case in the scene."""
OVERSEES = names(
    "duty_manager duty_manager_elsewhere supervisor lead reviewer quality_lead director stranger kept_from"
)
SUPERVISES = names("duty_manager supervisor lead quality_lead director stranger kept_from")
WORKS = OVERSEES | names("worker colleague worker_elsewhere")
REPORTS = WORKS | names("administrator")
LEADS = OVERSEES - REVIEWS
"""Who reads a thematic review before it is signed."""
IMPORTS = KEEPS = names("lead quality_lead administrator stranger")
ADMINISTERS = names("administrator")
ARRANGES = ADMINISTERS | names("director")
INSPECTS, OPENS = names("inspector"), names("director quality_lead administrator")
DECIDES = TRIAGES | names("kept_from")
"""Who has a duty desk."""


@dataclass(frozen=True)
class Row:
    """One address. ``get`` or ``post`` is None where the address has no such method, for anybody."""

    name: str
    get: Names | None
    post: Names | None
    record: str = ""
    """Whose it is, by state (``RECORDS``); "" when the address names no record of an incident."""
    posts: str = ""
    """Whose it is to POST, where that differs."""
    swap: Mapping[str, str] = field(default_factory=dict)
    """Parameters that take another id of the scene than the one with their name."""
    query: str = ""
    sent: Callable[[dict[str, Any]], dict[str, Any]] = lambda ids: {}
    leaves_trace: bool = True
    """False where a GET only leads on to the page that leaves the trace."""

    def may(self, method: str, state: str) -> Names | None:
        """Who gets an answer of their own; None when nobody does because there is no such method."""
        who = self.get if method == "GET" else self.post
        record = (self.posts if method == "POST" else "") or self.record
        return who if who is None or not record else who & RECORDS[record][state]


def of_incidents() -> Iterator[Row]:
    """Addresses of a record of an incident."""
    seen, all_ = "incident", EVERYBODY
    yield Row("home:incident", all_, None, seen)
    yield Row("home:looks", SENIOR, None, seen)
    held = {"person_id": "person_supported_id"}
    yield Row("home:propose_disposal", SENIOR, SENIOR, "person held")
    yield Row("home:person_looks", SENIOR, None, "person held", swap=held)
    yield Row("home:person_looks_file", SENIOR, None, "person held", swap=held)
    yield Row("home:gather", GUARDS, GUARDS, "person held", swap=held)
    yield Row("home:gathered", all_, all_, "records gathered")
    yield Row("home:gathered_words", None, all_, "records gathered")
    yield Row("home:gathered_preview", all_, None, "records gathered")
    yield Row("home:release_gathered", None, all_, "records gathered")
    yield Row("home:gathered_pack", all_, None, "records gathered")
    yield Row("home:my_report", all_, None, "own report")
    yield Row("home:go", all_, None, "work", leaves_trace=False)
    yield Row("home:file", all_, None, seen, swap={"file_id": "review_file_id"})

    yield Row("incidents:grade_harm", all_, all_, seen)
    yield Row("incidents:correct", all_, all_, "report")
    yield Row("incidents:who_may_see", GUARDS, GUARDS, seen)
    yield Row("incidents:restrict", GUARDS, GUARDS, seen)
    yield Row("incidents:name_person", GUARDS, GUARDS, seen)
    yield Row("incidents:end_named", None, GUARDS, seen)
    yield Row("incidents:keep_from", GUARDS, GUARDS, seen)

    yield Row("incidents:name", TRIAGES, None, seen)
    yield Row("incidents:withdraw", GUARDS, GUARDS, seen)

    yield Row("triage:record", TRIAGES, TRIAGES, seen)
    yield Row("triage:threshold", all_, TRIAGES, seen)
    yield Row("triage:telling", all_, TELLS, seen, query="duty=police")
    yield Row("triage:referral", all_, TELLS, seen)
    yield Row("triage:hand_over", TRIAGES, TRIAGES, seen)
    yield Row("triage:tier", all_, TRIAGES, seen)
    yield Row("triage:acknowledge", TELLS, TELLS, seen)
    yield Row("triage:safety_action_done", TRIAGES, TRIAGES, seen, swap={"action_id": "safety_action_id"})

    yield Row("reviews:open", all_, all_, seen)
    yield Row("reviews:review", all_, None, seen)
    yield Row("reviews:document", all_, all_, seen)
    yield Row("reviews:required", all_, None, seen)
    yield Row("reviews:draft", None, REVIEWS, seen)
    yield Row("reviews:timeline", all_, all_, seen)
    yield Row("reviews:draw", None, all_, seen)
    yield Row("reviews:correct_entry", all_, all_, seen)
    yield Row("reviews:reviewer", all_, all_, seen)
    yield Row("reviews:involved", all_, all_, seen)
    yield Row("reviews:support", all_, all_, seen)
    yield Row("reviews:oversight", all_, all_, seen)
    yield Row("reviews:complete", all_, all_, seen)

    yield Row("reviews:nothing_found", all_, all_, seen)

    yield Row("findings:rapid", all_, all_, seen)
    yield Row("findings:of_review", all_, None, seen)
    yield Row("findings:new", all_, all_, seen)
    yield Row("findings:finding", all_, None, seen)
    yield Row("findings:correct", all_, all_, seen)

    yield Row("changes:change", all_, None, "change")
    yield Row("changes:versions", all_, None, "change")
    yield Row("changes:file", all_, None, "change", swap={"file_id": "proof_file_id"})
    yield Row("evidence:publish_lesson", all_, all_, "change published")
    keeps = names("quality_lead")
    yield Row("evidence:need", all_, None, "change", leaves_trace=False)
    yield Row("evidence:clause", all_, None, "change", leaves_trace=False)
    for name in ("new_need", "new_clause", "attend", "drop_need", "take_back_attendance"):
        yield Row(f"evidence:{name}", keeps, keeps, "change", leaves_trace=False)
    yield Row("changes:go_live", all_, all_, "change carried")
    yield Row("changes:briefing", all_, all_, "change carried")
    yield Row("changes:new_action", all_, all_, "change carried")
    yield Row("changes:hand_over", all_, all_, "change carried")
    yield Row("changes:proof", all_, all_, "change proven")
    yield Row("changes:withdraw", all_, all_, "change withdrawn")
    yield Row("changes:answer", all_, all_, seen, leaves_trace=False)
    yield Row("changes:new", all_, all_, "incident worked on")
    yield Row("changes:new_review_action", all_, all_, "incident worked on")
    yield Row("changes:action_plan", all_, all_, seen, posts="incident worked on")
    yield Row("changes:action", all_, None, "action")
    yield Row("changes:evidence", all_, None, "action", leaves_trace=False)
    yield Row("changes:evidence_file", all_, None, "action", swap={"file_id": "evidence_file_id"})
    yield Row("changes:hand_over_action", all_, all_, "incident worked on")
    # A GET of these two leads to the action whatever id it names, so it tells nothing.
    yield Row("changes:give_evidence", all_, all_, "anything", posts="action done", leaves_trace=False)
    yield Row(
        "changes:decide", all_, all_, "anything", posts="evidence judged", leaves_trace=False,
        sent=lambda ids: {"evidence": ids["evidence_id"]},
    )  # fmt: skip

    yield Row("changes:take_off", SENIOR, SENIOR, "change carried")

    yield Row("assurance:plan", all_, None, "change")
    yield Row("assurance:look", all_, None, "change", leaves_trace=False)
    yield Row("assurance:new_plan", all_, all_, "change carried")
    yield Row("assurance:new_own_plan", all_, all_, "change carried")
    yield Row("assurance:read_numbers", None, all_, "change carried")
    yield Row("assurance:result", all_, all_, "change carried")
    yield Row("assurance:amend", all_, all_, "change carried")

    audit, differing = {"plan_id": "audit_plan_id"}, {"sample_id": "differing_id"}
    yield Row("assurance:audit_size", all_, None, "change carried")
    yield Row("assurance:new_audit", all_, all_, "change carried")
    yield Row("assurance:audit", all_, None, "change", swap=audit)
    yield Row("assurance:audit_freeze", all_, all_, "change carried", swap=audit)
    yield Row("assurance:audit_end", all_, all_, "change carried", swap=audit)
    yield Row("assurance:audit_round", all_, None, "change")
    yield Row("assurance:audit_ids", all_, None, "change")
    yield Row("assurance:audit_seed", all_, all_, "change carried")
    yield Row("assurance:audit_read", all_, None, "audit")
    yield Row("assurance:audit_sample", all_, all_, "audit")
    yield Row("assurance:audit_settle", all_, all_, "audit", swap=differing)
    yield Row("assurance:audit_follow_up", all_, all_, "change carried")

    yield Row("evidence:inspected", INSPECTS, None, "inspected")

    record = {"kind": "record_kind"}
    yield Row("pathways:case", all_, None, "case")
    yield Row("pathways:write", WRITES, WRITES, "case", swap=record)
    yield Row("pathways:correct", WRITES, WRITES, "case")
    lost = {"case_id": "lost_case_id", "kind": "attempt_kind"}
    yield Row("pathways:attempt", None, WRITES - _NOT_SUPERVISING, "case", swap=lost)
    yield Row("pathways:ways", all_, all_, "case", swap=lost)
    yield Row("pathways:close", TRIAGES, TRIAGES, "case")
    yield Row("pathways:owed", all_, None, "case", leaves_trace=False)
    yield Row("pathways:supervise", all_, None, "case", leaves_trace=False)
    yield Row("pathways:person", all_, None, "case", swap={"person_id": "person_supported_id"})
    yield Row("pathways:characteristics", all_, all_, "case", swap={"person_id": "person_supported_id"})

    case = {"case_id": "shared_case_id", "record_id": "shared_record_id"}
    yield Row("partners:case", all_, None, "case", swap=case)
    yield Row("partners:summary", all_, None, "case", swap=case)
    yield Row("partners:share", SHARES, SHARES, "case", swap=case)
    yield Row("partners:invite", SHARES, SHARES, "case", swap=case)
    yield Row("partners:take_back", None, SHARES, "case", swap=case)
    yield Row("partners:end_invitation", None, SHARES, "case", swap=case)


def of_providers() -> Iterator[Row]:
    """Addresses that belong to a provider. Where one names a record, another provider's is not there."""
    yield Row("home:my_work", EVERYBODY, None)
    yield Row("home:my_reports", EVERYBODY, None)
    yield Row("home:duty", DECIDES, None)
    yield Row("home:duty_rows", DECIDES, None)
    yield Row("home:duty_file", DECIDES, None)
    yield Row("home:seen", None, names("lead duty_manager kept_from stranger"))  # whom that escalation told
    yield Row("home:incidents", OVERSEES, None)
    yield Row("home:trail_state", ADMINISTERS, None, leaves_trace=False)
    yield Row("home:records", SENIOR, None)
    yield Row("home:schedule", SENIOR | ADMINISTERS, None, leaves_trace=False)
    yield Row("home:times_over", SENIOR, None)
    yield Row("home:times_over_file", SENIOR, None)
    yield Row("home:holds", SENIOR, None)
    yield Row("home:place_hold", SENIOR, SENIOR)
    yield Row("home:hold", SENIOR, SENIOR)
    yield Row("home:disposals", SENIOR, None)
    yield Row("home:disposal", SENIOR, SENIOR)
    yield Row("home:certificates", SENIOR | ADMINISTERS, None)
    yield Row("home:certificates_file", SENIOR | ADMINISTERS, None)
    yield Row("home:certificate", SENIOR | ADMINISTERS, None)
    yield Row("home:tracker", REPORTS, None)
    yield Row("home:tracker_file", REPORTS, None)
    yield Row("home:save_view", None, REPORTS)
    yield Row("home:why_seen", ADMINISTERS, None)
    yield Row("home:forget_view", None, names("lead stranger"))  # a view is its owner's
    yield Row("incidents:report", REPORTS, REPORTS)
    yield Row("incidents:save_draft", None, REPORTS)
    yield Row("incidents:discard_draft", None, REPORTS)
    yield Row("findings:pareto", OVERSEES, None)
    yield Row("findings:pareto_file", OVERSEES, None)
    yield Row("changes:list", WORKS, None)
    yield Row("changes:export", WORKS, None)
    yield Row("assurance:audits", WORKS, None)
    yield Row("assurance:audits_file", WORKS, None)

    file = {"file_id": "import_file_id"}
    file_of_pack, asked = {"name": "pack_file"}, {"pack_id": "asked_pack_id"}
    makers = names("lead stranger")
    yield Row("evidence:packs", SENIOR, None)
    yield Row("evidence:packs_file", SENIOR, None)
    yield Row("evidence:new_pack", SENIOR, None)
    yield Row("evidence:new_pack_of", SENIOR, SENIOR)
    yield Row("evidence:pack", SENIOR, None)
    yield Row("evidence:pack_progress", SENIOR, None)
    yield Row("evidence:pack_view", SENIOR, None)
    yield Row("evidence:pack_file", SENIOR, None, swap=file_of_pack)
    yield Row("evidence:withdraw_pack", SENIOR, SENIOR)
    yield Row("evidence:pack_texts", makers, makers, swap=asked)  # what it holds is what they may read
    yield Row("evidence:build_pack", None, makers, swap=asked)
    signed, drafts = {"thematic_id": "signed_id"}, names("quality_lead")
    yield Row("evidence:thematic_reviews", REPORTS, None)
    yield Row("evidence:thematic", REPORTS, None, swap=signed)
    yield Row("evidence:thematic_file", REPORTS, None, swap=signed)
    yield Row("evidence:draw", drafts, drafts)
    yield Row("evidence:comment", LEADS, drafts)
    yield Row("evidence:comment_draft", None, drafts)
    yield Row("evidence:meeting", SENIOR, SENIOR)
    yield Row("evidence:decision", SENIOR, SENIOR)
    yield Row("evidence:give_out", SENIOR, SENIOR)
    yield Row("evidence:sign", names("director stranger"), names("director stranger"))  # who chaired the meeting

    yield Row("evidence:inspections", OPENS | INSPECTS | GUARDS, None)
    yield Row("evidence:open_inspection", OPENS, OPENS)
    yield Row("evidence:inspection_overview", OPENS, None)
    yield Row("evidence:end_inspection", OPENS, OPENS)
    # What was drawn that few may open: for whoever of them decides on it.
    yield Row("evidence:release", names("lead"), names("lead"), swap={"incident_id": "drawn_id"})
    yield Row("evidence:inspection", INSPECTS, None)
    yield Row("evidence:quality_statement", INSPECTS, None, swap={"code": "statement"})
    yield Row("evidence:inspected_incidents", INSPECTS, None)
    yield Row("evidence:new_sample", INSPECTS, INSPECTS)
    yield Row("evidence:sample", INSPECTS, INSPECTS)
    yield Row("evidence:sample_ids", INSPECTS, None)
    # What commissioners read, and who publishes it.
    reads, publishes = names("commissioner"), names("quality_lead director")
    yield Row("evidence:commissioner", reads, None)
    yield Row("evidence:compare", reads, None)
    yield Row("evidence:commissioner_quarter", reads, None)
    yield Row("evidence:commissioner_file", reads, None)
    yield Row("evidence:schedule", reads, None)
    yield Row("evidence:schedule_file", reads, None)
    yield Row("evidence:schedule_pdf", reads, None)
    yield Row("evidence:publishing", publishes, None)
    yield Row("evidence:publish", publishes, publishes)
    yield Row("evidence:target", publishes, publishes)
    shares, adopts = names("quality_lead director"), SENIOR
    theirs = {"lesson_id": "their_lesson_id"}
    yield Row("evidence:register", WORKS, None)
    yield Row("evidence:register_file", WORKS, None)
    yield Row("evidence:bulletins", REPORTS, None)
    yield Row("evidence:bulletin", REPORTS, None)
    yield Row("evidence:write_bulletin", drafts, drafts)
    yield Row("evidence:lessons", REPORTS, None)
    yield Row("evidence:take_part", shares, shares)
    yield Row("evidence:lesson", REPORTS, None)
    yield Row("evidence:lesson_file", shares, None)
    yield Row("evidence:withdraw_lesson", shares, shares)
    yield Row("evidence:adopt_lesson", adopts - names("stranger"), adopts - names("stranger"), swap=theirs)
    yield Row("evidence:receive_lesson", shares, shares)
    yield Row("evidence:received", REPORTS, None)
    yield Row("evidence:accept_key", shares, shares)
    yield Row("evidence:adopt_received", adopts, adopts)

    yield Row("exchange:imports", IMPORTS, None)
    yield Row("exchange:new", IMPORTS, IMPORTS)
    yield Row("exchange:mapping", IMPORTS, None, swap={"key": "mapping"})
    yield Row("exchange:preview", IMPORTS, IMPORTS, swap=file)
    yield Row("exchange:columns", IMPORTS, IMPORTS, swap=file)
    yield Row("exchange:values", IMPORTS, IMPORTS, swap=file)
    yield Row("exchange:problems", IMPORTS, None, swap=file)
    yield Row("exchange:chosen_mapping", IMPORTS, None, swap=file)
    yield Row("exchange:keep", None, IMPORTS, swap=file)
    yield Row("exchange:give_up", None, IMPORTS, swap=file)
    yield Row("exchange:batch", IMPORTS, None)
    yield Row("exchange:progress", IMPORTS, None)
    yield Row("exchange:held_file", IMPORTS, None)
    yield Row("exchange:undo", IMPORTS, IMPORTS)
    yield Row("exchange:line", IMPORTS, IMPORTS)
    yield Row("exchange:leave_out", IMPORTS, IMPORTS)

    yield Row("access:people", ADMINISTERS, None)
    yield Row("access:people_file", ADMINISTERS, None)
    yield Row("access:add_person", ADMINISTERS, ADMINISTERS)
    yield Row("access:review", ADMINISTERS, ADMINISTERS)
    yield Row("access:review_file", ADMINISTERS, None)
    yield Row("access:commissioners", ADMINISTERS, ADMINISTERS)
    yield Row("access:end_commissioner", None, ADMINISTERS, swap={"assignment_id": "outside_id"})
    yield Row("access:places", ADMINISTERS, None)
    yield Row("access:add_service", ADMINISTERS, ADMINISTERS)
    yield Row("access:add_team", ADMINISTERS, ADMINISTERS)
    yield Row("access:provider", ADMINISTERS, ADMINISTERS)
    yield Row("access:person", ADMINISTERS, None)
    yield Row("access:correct_person", ADMINISTERS, ADMINISTERS)
    yield Row("access:send_link", None, ADMINISTERS)
    yield Row("access:set_sign_in", None, ADMINISTERS)
    yield Row("access:give_role", ADMINISTERS, ADMINISTERS)
    yield Row("access:end_role", None, ADMINISTERS, swap={"person_id": "assignment_of"})

    yield Row("deadlines:days_off", ADMINISTERS, None)
    yield Row("deadlines:add_day_off", ADMINISTERS, ADMINISTERS)
    yield Row("deadlines:day_off", ADMINISTERS, None)
    yield Row("deadlines:day_worked", ADMINISTERS, ADMINISTERS)
    yield Row("deadlines:on_call", ARRANGES, ARRANGES)
    yield Row("deadlines:off_call", ARRANGES, ARRANGES)
    yield Row("deadlines:who_is_told", ADMINISTERS, None)
    yield Row("deadlines:set_chain", ADMINISTERS, ADMINISTERS)
    yield Row("deadlines:go_back", ADMINISTERS, ADMINISTERS)

    days = "from=2026-03-01&to=2026-03-31"
    yield Row("assurance:measures", MEASURES, None)
    yield Row("assurance:measures_file", MEASURES, None)
    yield Row("assurance:measure", MEASURES, None)
    yield Row("assurance:measure_file", MEASURES, None)
    yield Row("assurance:measure_teams", MEASURES, None)
    yield Row("assurance:measure_teams_file", MEASURES, None)
    yield Row("assurance:rebase", REBASES, REBASES)
    yield Row("assurance:withdraw_rebase", REBASES, REBASES)
    yield Row("assurance:measure_rows", MEASURES, None, query=days)
    yield Row("assurance:measure_rows_file", MEASURES, None, query=days)

    yield Row("pathways:index", EVERYBODY - names("former"), None)
    yield Row("pathways:one", EVERYBODY - names("former"), None)
    yield Row("pathways:put_in_use", None, SENIOR)
    yield Row("pathways:versions", EVERYBODY - names("former"), None)
    yield Row("pathways:version", EVERYBODY - names("former"), None)
    yield Row("pathways:compare", EVERYBODY - names("former"), None, query="before=1&after=1")
    yield Row("pathways:retire", SENIOR, SENIOR)
    yield Row("pathways:begin_draft", None, SENIOR)
    yield Row("pathways:draft", SENIOR, None)
    yield Row("pathways:edit_draft", SENIOR, SENIOR)
    yield Row("pathways:draft_words", None, SENIOR)
    yield Row("pathways:propose", SENIOR, SENIOR)
    yield Row("pathways:go_on", None, SENIOR)
    yield Row("pathways:drop", SENIOR, SENIOR)
    yield Row("changes:carry_out", SENIOR, SENIOR)
    waiting = {"draft_id": "waiting_id"}
    yield Row("pathways:proposal", SENIOR, None)
    # Not the director: they wrote what waits.
    decides = names("lead quality_lead stranger")
    yield Row("pathways:approve", decides, decides, swap=waiting)
    yield Row("pathways:send_back", decides, decides, swap=waiting)
    yield Row("pathways:take_back", names("director"), names("director"), swap=waiting)
    yield Row("pathways:local_values", SENIOR, SENIOR)
    yield Row("pathways:cases", WORKS, None)
    yield Row("pathways:cases_file", WORKS, None)
    yield Row("pathways:new_case", WORKS, WORKS)
    yield Row("pathways:replays", SENIOR, SENIOR)
    yield Row("pathways:replay", SENIOR, None)
    yield Row("pathways:replay_progress", SENIOR, None)
    yield Row("pathways:replay_file", SENIOR, None)
    yield Row("pathways:stop_replay", None, SENIOR)
    yield Row("pathways:people", WORKS, None)
    yield Row("pathways:begin", WORKS, WORKS)
    yield Row("pathways:supervision", SUPERVISES | names("duty_manager_elsewhere"), None)
    yield Row("pathways:supervision_list", SUPERVISES, None)  # of North team

    manages = names("duty_manager kept_from")
    oversees = manages | names("lead quality_lead director stranger")
    sees = oversees | names("supervisor")  # what is of the worker, whom the supervisor supervises
    arranges, words = manages | names("administrator"), names("reviewer quality_lead")
    yield Row("assurance:supervision", WORKS, None)
    yield Row("assurance:supervision_file", WORKS, None)
    yield Row("assurance:my_people", sees | names("duty_manager_elsewhere"), None)
    yield Row("assurance:record_discussion", names("supervisor stranger"), names("supervisor stranger"))
    yield Row("assurance:supervise", sees | names("colleague"), None)
    yield Row("assurance:worker", sees | names("colleague"), None)
    yield Row("assurance:away", sees | arranges, sees | arranges)
    yield Row("assurance:correct_absence", sees | arranges, sees | arranges)
    yield Row("assurance:discussion", sees | names("colleague"), names("colleague"))
    yield Row("assurance:correct_discussion", sees, sees)
    yield Row("assurance:learning", WORKS, None)
    yield Row("assurance:word_point", words, words, swap={"kind": "source_kind"})
    yield Row("assurance:withdraw_point", words, words)
    yield Row("assurance:arrange", arranges | names("duty_manager_elsewhere"), None)
    yield Row("assurance:set_supervisor", arranges, arranges, swap={"kind": "place_kind"})
    yield Row("assurance:supervision_needs", ADMINISTERS, ADMINISTERS)

    yield Row("integrations:all", ADMINISTERS, None)
    yield Row("integrations:new", ADMINISTERS, ADMINISTERS)
    yield Row("integrations:one", ADMINISTERS, None)
    yield Row("integrations:renew_keys", None, ADMINISTERS)
    yield Row("integrations:revoke", ADMINISTERS, ADMINISTERS)

    yield Row("partners:agencies", KNOWS_PARTNERS, None)
    yield Row("partners:add_agency", KNOWS_PARTNERS, KNOWS_PARTNERS)
    yield Row("partners:agency", KNOWS_PARTNERS, None)
    yield Row("partners:change_agency", KNOWS_PARTNERS, KNOWS_PARTNERS)
    yield Row("partners:end_agency", None, KNOWS_PARTNERS)
    yield Row("partners:add_contact", KNOWS_PARTNERS, KNOWS_PARTNERS)
    yield Row("partners:end_contact", None, KNOWS_PARTNERS)

    yield Row("lists:index", KEEPS, None)
    yield Row("lists:one", KEEPS, None)
    yield Row("lists:add", KEEPS, KEEPS)
    yield Row("lists:entry", KEEPS, None)
    yield Row("lists:replace", KEEPS, KEEPS)
    yield Row("lists:end", KEEPS, KEEPS)


OPEN = ("home:front", "home:help", "home:accessibility", "home:healthz", "home:readyz")
"""What anybody may GET, signed in or not."""
BY_KEY = (
    "embed:checklist",
    "embed:save",
    "api:pathways",
    "api:answers",
    "api:checklists",
    "api:links",
    "api:openapi-json",
    "api:api-root",
)
"""What care record systems ask for with a key of their own; being signed in here counts for nothing."""
SIGNING_IN = (
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "partner:sign_in",
    "partner:code",
    "partner:invitation",
)
"""Pages on the way in: they must work before sign-in, and say nothing of anybody."""
OWN_ACCOUNT = (
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "usersessions_list",
)
"""A person's own account, behind sign-in."""
OF_PARTNERS = (
    "partner:home",
    "partner:sign_out",
    "partner:case",
    "partner:write",
    "partner:answer",
    "partner:correct",
)
"""The partners' own area, for nobody on the staff: tests/stages/partners/test_who_sees.py has its table."""
CLOSED = ("account_email", "account_signup")
"""allauth's pages for what only an administrator gives: not there for anybody."""


# ---- from rows to addresses


def every_address() -> dict[str, tuple[str, ...]]:
    """Every named address of the project with the parameters it takes."""
    return dict(_walk(get_resolver().url_patterns, "", ()))


def _walk(
    patterns: list[URLPattern | URLResolver], space: str, before: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in patterns:
        taken = (*before, *(one.pattern.regex.groupindex or one.pattern.converters))
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, f"{one.namespace}:" if one.namespace else space, taken)
        elif one.name:
            yield f"{space}{one.name}", taken


def arguments(row: Row, takes: tuple[str, ...], ids: Mapping[str, Any], *, ghost: bool = False) -> dict[str, Any]:
    """The parameters of ``row``'s address from ``ids``; as a ghost, every record it names is one that never was."""
    found = {name: ids[row.swap.get(name, name)] for name in takes}
    return {name: _never_was(name, value) for name, value in found.items()} if ghost else found


def _never_was(name: str, value: Any) -> Any:
    if isinstance(value, UUID):
        return uuid4()
    return "no-such-code" if name == "code" else value
