"""What belongs to an incident, table by table: what goes when it is disposed of, what is emptied, and what stays.

Every table of the database stands here once; a test holds that. A new table without a line fails it, so that nobody
forgets to decide. The words are the ones that the page and the decision record use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

INCIDENT = "incidents_incident"
CHANGE = "changes_operationalchange"
CASE = "pathways_pathwaycase"
PERSON = "incidents_personsupported"
PACK = "evidence_evidencepack"
LINK = "changes_operationalchange_findings"


@dataclass(frozen=True, slots=True)
class Step:
    """A way by which rows belong: those whose ``column`` is among the ``key`` of the rows of ``table`` that go."""

    column: str
    table: str
    key: str = "id"


Way = tuple[Step, ...]


def _by(*steps: tuple[str, str] | tuple[str, str, str]) -> Way:
    return tuple(Step(*step) for step in steps)


GOES: Mapping[str, Way] = {
    # 1. the report
    INCIDENT: (),
    "incidents_incidenttheme": _by(("incident_id", INCIDENT)),
    "incidents_harmgrading": _by(("incident_id", INCIDENT)),
    "incidents_correction": _by(("incident_id", INCIDENT)),
    "incidents_restrictiondecision": _by(("incident_id", INCIDENT)),
    "incidents_namedaccess": _by(("incident_id", INCIDENT)),
    "incidents_keptfrom": _by(("incident_id", INCIDENT)),
    "incidents_withdrawal": _by(("incident_id", INCIDENT)),
    "exchange_importline": _by(("incident_id", INCIDENT)),
    # 2. triage
    "triage_triagerecord": _by(("incident_id", INCIDENT)),
    "triage_immediatesafetyaction": _by(("triage_record_id", "triage_triagerecord")),
    "triage_safetyactiondone": _by(("safety_action_id", "triage_immediatesafetyaction")),
    "triage_thresholddecision": _by(("incident_id", INCIDENT)),
    "triage_safeguardingreferral": _by(("incident_id", INCIDENT)),
    "triage_referralacknowledgement": _by(("referral_id", "triage_safeguardingreferral")),
    "triage_statutorynotification": _by(("incident_id", INCIDENT)),
    "triage_partnerescalation": _by(("incident_id", INCIDENT)),
    "triage_repeatedpattern": _by(("incident_id", INCIDENT)),
    "triage_repeatedpattern_earlier": _by(("repeatedpattern_id", "triage_repeatedpattern")),
    "triage_tierproposal": _by(("incident_id", INCIDENT)),
    "triage_tierdecision": _by(("incident_id", INCIDENT)),
    "triage_triagehandover": _by(("incident_id", INCIDENT)),
    # 3. reviews
    "reviews_review": _by(("incident_id", INCIDENT)),
    "reviews_requireddocument": _by(("review_id", "reviews_review")),
    "reviews_reviewerassignment": _by(("review_id", "reviews_review")),
    "reviews_involvedperson": _by(("incident_id", INCIDENT)),
    "reviews_timelineentry": _by(("review_id", "reviews_review")),
    "reviews_reviewdocument": _by(("review_id", "reviews_review")),
    "reviews_oversightsignoff": _by(("review_id", "reviews_review")),
    "reviews_reviewcompletion": _by(("review_id", "reviews_review")),
    "reviews_supportoffer": _by(("review_id", "reviews_review")),
    "reviews_reviewdraft": _by(("review_id", "reviews_review")),
    # 4. findings
    "findings_finding": _by(("incident_id", INCIDENT)),
    "findings_finding_evidence": _by(("finding_id", "findings_finding")),
    # 5. changes: those that answer findings of these incidents
    LINK: _by(("finding_id", "findings_finding")),
    CHANGE: _by(("id", LINK, "operationalchange_id")),
    "changes_operationalchange_reach": _by(("operationalchange_id", CHANGE)),
    "changes_golive": _by(("change_id", CHANGE)),
    "changes_changewithdrawal": _by(("change_id", CHANGE)),
    "changes_briefing": _by(("change_id", CHANGE)),
    "changes_rolloutproof": _by(("change_id", CHANGE)),
    "changes_carriedoutbypathway": _by(("change_id", CHANGE)),
    "changes_carryingtakenoff": _by(("carried_id", "changes_carriedoutbypathway")),
    "changes_proofbyuse": _by(("change_id", CHANGE)),
    "changes_trackedaction": _by(("incident_id", INCIDENT)),
    "changes_actionplan": _by(("review_id", "reviews_review")),
    "changes_actionplan_actions": _by(("actionplan_id", "changes_actionplan")),
    "changes_completionevidence": _by(("action_id", "changes_trackedaction")),
    "changes_evidencedecision": _by(("evidence_id", "changes_completionevidence")),
    "changes_ownerhandover": _by(("change_id", CHANGE), ("action_id", "changes_trackedaction")),
    # 6. whether those changes are used and worked
    "assurance_impactplan": _by(("change_id", CHANGE)),
    "assurance_plannedlook": _by(("plan_id", "assurance_impactplan")),
    "assurance_impactresult": _by(("plan_id", "assurance_impactplan")),
    "assurance_impactcheck": _by(("plan_id", "assurance_impactplan")),
    "assurance_ownmeasure": _by(("plan_id", "assurance_impactplan")),
    "assurance_countedfromrecords": _by(("impact_result_id", "assurance_impactresult")),
    "assurance_countedfromaudit": _by(("impact_result_id", "assurance_impactresult")),
    "assurance_auditplan": _by(("change_id", CHANGE)),
    "assurance_auditplanend": _by(("plan_id", "assurance_auditplan")),
    "assurance_auditpopulation": _by(("plan_id", "assurance_auditplan")),
    "assurance_auditseed": _by(("population_id", "assurance_auditpopulation")),
    "assurance_auditsample": _by(("population_id", "assurance_auditpopulation")),
    "assurance_auditscore": _by(("sample_id", "assurance_auditsample")),
    "assurance_auditsettlement": _by(("sample_id", "assurance_auditsample")),
    "assurance_auditresult": _by(("population_id", "assurance_auditpopulation")),
    "assurance_auditfollowup": _by(("sample_id", "assurance_auditsample")),
    "assurance_learningpoint": _by(
        ("change_id", CHANGE), ("finding_id", "findings_finding"), ("briefing_id", "changes_briefing")
    ),
    "assurance_learningpoint_teams": _by(("learningpoint_id", "assurance_learningpoint")),
    "assurance_learningpointwithdrawal": _by(("point_id", "assurance_learningpoint")),
    "assurance_supervisiondiscussion_points": _by(("learningpoint_id", "assurance_learningpoint")),
    # 7. evidence
    PACK: _by(("incident_id", INCIDENT), ("id", "evidence_packincident", "pack_id")),
    "evidence_evidencepack_services": _by(("evidencepack_id", PACK)),
    "evidence_packincident": _by(("incident_id", INCIDENT)),
    "evidence_packbuilding": _by(("pack_id", PACK)),
    "evidence_packbuilt": _by(("pack_id", PACK)),
    "evidence_packwithdrawal": _by(("pack_id", PACK)),
    "evidence_inspectionrelease": _by(("incident_id", INCIDENT)),
    # the pathway cases opened from them
    CASE: _by(("incident_id", INCIDENT)),
    "pathways_pathwayrecord": _by(("case_id", CASE)),
    "pathways_caseclosing": _by(("case_id", CASE)),
    "pathways_caseobligation": _by(("case_id", CASE)),
    "pathways_casemoved": _by(("case_id", CASE)),
    "pathways_replaycase": _by(("case_id", CASE)),
    "partners_sharingdecision": _by(("case_id", CASE)),
    "partners_partnerinvitation": _by(("case_id", CASE)),
    "partners_shownrecord": _by(("case_id", CASE)),
    "partners_partnerpart": _by(("case_id", CASE)),
    "partners_signincode": _by(("invitation_id", "partners_partnerinvitation")),
    # what was owed about any of that
    "deadlines_obligation": _by(
        ("story_id", INCIDENT),
        ("story_id", CASE),
        ("subject_id", CHANGE),
        ("subject_id", "changes_trackedaction"),
        ("subject_id", "assurance_impactplan"),
        ("subject_id", "assurance_plannedlook"),
        ("subject_id", "assurance_auditplan"),
        ("subject_id", "assurance_auditpopulation"),
        ("subject_id", "pathways_caseobligation"),
    ),
    "deadlines_escalation": _by(("obligation_id", "deadlines_obligation")),
    "deadlines_escalation_told": _by(("escalation_id", "deadlines_escalation")),
    "deadlines_escalationseen": _by(("escalation_id", "deadlines_escalation")),
    "deadlines_moveddeadline": _by(("obligation_id", "deadlines_obligation")),
    # files, and answers to requests
    "files_storedfile": _by(
        ("story_id", INCIDENT),
        ("story_id", CASE),
        ("id", "reviews_reviewdocument", "file_id"),
        ("id", "changes_completionevidence", "file_id"),
        ("id", "changes_rolloutproof", "file_id"),
        ("id", "changes_rolloutproof", "previous_file_id"),
        ("id", "evidence_packbuilt", "pdf_id"),
        ("id", "evidence_packbuilt", "page_id"),
        ("id", "evidence_packbuilt", "bundle_id"),
    ),
    "home_gatheredrecords": _by(
        ("person_supported_id", INCIDENT, "person_supported_id"), ("person_supported_id", CASE, "person_supported_id")
    ),
    "home_addedwords": _by(("gathered_id", "home_gatheredrecords")),
    "home_placesconfirmed": _by(("gathered_id", "home_gatheredrecords")),
    "home_recordsrelease": _by(("gathered_id", "home_gatheredrecords")),
    "home_retentionhold": _by(("incident_id", INCIDENT), ("person_supported_id", PERSON)),
    "home_holdend": _by(("hold_id", "home_retentionhold")),
    # the person, where nothing else is held about them (a root of its own: see ``queries.disposal``)
    PERSON: (),
    "incidents_contactpreference": _by(("person_supported_id", PERSON)),
    "incidents_personcharacteristics": _by(("person_supported_id", PERSON)),
    # found by what they say and not by a column (see ``queries.disposal``)
    "deadlines_outboxmessage": (),
    "evidence_textconfirmation": (),
}
"""Tables of which rows go, and by which ways a row belongs. Any of the ways is enough."""

EMPTIED: Mapping[str, tuple[str, ...]] = {
    "trail_trailentry": ("sentence", "facts", "salt"),
    "access_accessentry": ("detail",),
}
"""Tables of which rows stay and lose their words, and which columns are emptied."""

_PRACTICE = "Practice of the provider, about no incident"
_PEOPLE = "Who works here and how they sign in"
_IDS = "Numbers and ids of many incidents, never their words; an id leads nowhere once its incident is gone"
_DECISIVE = "What the disposal itself is accounted for by"
_LIBRARY = "Shared with others; a lesson in the library keeps its change, and so the incident"
_REGISTER = "A training or contract record with a time of its own; it keeps its change, and so the incident"
_PROVIDER = "About the provider and not about an incident"

STAYS: Mapping[str, str] = {
    "trail_trailentry": "The chain must be proven: only the words of its entries are emptied",
    "access_accessentry": "Who looked is about staff and answers a complaint: only typed words are emptied",
    "trail_trailhead": "The chain must be proven",
    "trail_seal": "The chain must be proven",
    "trail_timestamp": "The chain must be proven",
    "trail_verification": "What verifying found; it names entries by their number",
    "trail_emptiedentry": _DECISIVE,
    "home_disposalproposal": _DECISIVE,
    "home_proposedincident": _DECISIVE,
    "home_disposaldecision": _DECISIVE,
    "home_disposalstop": _DECISIVE,
    "home_disposalcertificate": _DECISIVE,
    "home_disposedfile": _DECISIVE,
    "home_disposalpermit": "Never there but within the transaction that disposes",
    "home_neverkept": "Never holds a row",
    "access_provider": _PEOPLE,
    "access_service": _PEOPLE,
    "access_team": _PEOPLE,
    "access_person": _PEOPLE,
    "access_roleassignment": _PEOPLE,
    "account_emailaddress": _PEOPLE,
    "account_emailconfirmation": _PEOPLE,
    "mfa_authenticator": _PEOPLE,
    "usersessions_usersession": _PEOPLE,
    "auth_permission": _PEOPLE,
    "auth_group": _PEOPLE,
    "auth_group_permissions": _PEOPLE,
    "django_content_type": "The list of tables",
    "django_session": "Sessions, which end by themselves within days",
    "lists_listentry": _PRACTICE,
    "incidents_referencecounter": "Numbers given: none is given twice, also when its incident is gone",
    "incidents_reportdraft": "A report being typed is no incident yet; it is gone when it is sent, or soon",
    "deadlines_nonworkingday": _PRACTICE,
    "deadlines_chaindecision": _PRACTICE,
    "deadlines_directorcover": _PRACTICE,
    "pathways_pathwayversion": _PRACTICE,
    "pathways_localvalues": _PRACTICE,
    "pathways_pathwaydraft": _PRACTICE,
    "pathways_draftedit": _PRACTICE,
    "pathways_draftdropped": _PRACTICE,
    "pathways_versionproposal": _PRACTICE,
    "pathways_proposaldecision": _PRACTICE,
    "pathways_versionwentlive": _PRACTICE,
    "pathways_versionretired": _PRACTICE,
    "pathways_replay": _IDS,
    "pathways_replaypart": _IDS,
    "pathways_replaystopped": _IDS,
    "pathways_replayresult": _IDS,
    "pathways_supervisionlist": _IDS,
    "pathways_supervisiondraw": _IDS,
    "pathways_supervisionpick": "A record of staff supervision; a case that was drawn for it keeps its incident",
    "partners_agency": _PEOPLE,
    "partners_contact": _PEOPLE,
    "partners_partnersession": _PEOPLE,
    "assurance_chartrebase": _PROVIDER,
    "assurance_chartrebasewithdrawal": _PROVIDER,
    "assurance_supervisedby": _PEOPLE,
    "assurance_absence": _PEOPLE,
    "assurance_supervisiondiscussion": "A worker's own record of supervision; its learning points go",
    "assurance_discussionanswer": "What a worker said of a discussion is theirs",
    "assurance_supervisionsetting": _PRACTICE,
    "assurance_expecteddiscussion": _PEOPLE,
    "evidence_bulletin": "Published to everybody who works here, without identifiers",
    "evidence_publishedquarter": "Published once to commissioners and frozen: guarded numbers, no words of an incident",
    "evidence_contracttarget": _PROVIDER,
    "evidence_inspection": "What an inspector was shown, and by which power",
    "evidence_inspection_services": "What an inspector was shown, and by which power",
    "evidence_inspectionend": "What an inspector was shown, and by which power",
    "evidence_inspectionpopulation": _IDS,
    "evidence_inspectiondraw": _IDS,
    "evidence_librarychoice": _LIBRARY,
    "evidence_lesson": _LIBRARY,
    "evidence_lessonfile": _LIBRARY,
    "evidence_lessonwithdrawal": _LIBRARY,
    "evidence_receivedlesson": _LIBRARY,
    "evidence_acceptedkey": _LIBRARY,
    "evidence_lessonadoption": _LIBRARY,
    "evidence_trainingneed": _REGISTER,
    "evidence_trainingneed_teams": _REGISTER,
    "evidence_trainingneeddropped": _REGISTER,
    "evidence_trainingattendance": _REGISTER,
    "evidence_attendancetakenback": _REGISTER,
    "evidence_specificationclause": _REGISTER,
    "evidence_thematicreview": _IDS,
    "evidence_thematicdraft": _IDS,
    "evidence_thematiccommentary": "Said of a whole quarter and frozen; while it is not signed it keeps its incidents",
    "evidence_commentarydraft": "What somebody is typing on a whole quarter",
    "evidence_qualitymeeting": _PROVIDER,
    "evidence_meetingattendance": _PROVIDER,
    "evidence_meetingdecision": _PROVIDER,
    "evidence_thematicsignature": _IDS,
    "jobs_heartbeat": "The worker's sign of life",
    "exchange_importfile": "Names and counts of a file; its text is gone once it was imported",
    "exchange_keptmapping": _PRACTICE,
    "exchange_importbatch": "Names and counts of a file; its text is gone once it was imported",
    "exchange_importrun": "Names and counts of a file; its text is gone once it was imported",
    "exchange_importundo": "Names and counts of a file; its text is gone once it was imported",
    "exchange_integration": _PROVIDER,
    "exchange_integration_services": _PROVIDER,
    "exchange_integrationkey": _PROVIDER,
    "exchange_integrationend": _PROVIDER,
    "exchange_integrationuse": _PROVIDER,
    "exchange_linkopened": _PROVIDER,
    "home_savedview": "How somebody looks at the tracker: filters, and words as they typed them, till they remove it",
}
"""Tables that stay, and why."""

SHARED: Mapping[str, str] = {
    "triage_repeatedpattern_earlier": "It is counted as an earlier one in the pattern of an incident that is kept",
    LINK: "A change that answers a finding of it answers another incident too, which is kept",
    "changes_trackedaction": "A tracked action of another incident belongs to a change of this one",
    "changes_proofbyuse": "A case opened from it proves that a change reached a team, and that change is kept",
    "assurance_auditsample": "A record of it was drawn by an audit of a change that is kept",
    "assurance_countedfromaudit": "An audit of its change gave the result of a plan that is kept",
    "evidence_packincident": "An evidence pack that was withdrawn tells of another incident too, which is kept",
    "evidence_lesson": "A lesson in the library was made from its change",
    "evidence_trainingneed": "People are to be trained, or were, because of its change",
    "evidence_specificationclause": "A clause of the service specification was agreed because of its change",
    "pathways_supervisionpick": "A case opened from it was drawn for supervision",
    "pathways_replaycase": "A replay sets it beside a case that is kept",
    "home_gatheredrecords": "What is held about the person was given to somebody, and that answer has not had its time",
    "evidence_textconfirmation": "Texts were looked through for an evidence pack of a time that covers it",
    "evidence_thematicdraft": "A thematic review that is not signed yet counts it",
}
"""Where something that is kept needs it: a table whose kept rows refer to what would go, and the sentence said then."""
SOMETHING = "Something that is kept refers to it"


def why_shared(table: str) -> str:
    """The sentence for a kept row of ``table`` that refers to what would go."""
    return SHARED.get(table, SOMETHING)


def order_of_reading() -> tuple[str, ...]:
    """The tables that go, each behind those by which its rows belong. To delete, read it backwards."""
    placed: list[str] = []
    left = dict(GOES)
    while left:
        ready = [table for table, ways in left.items() if all(way.table not in left for way in ways)]
        if not ready:
            raise ValueError(f"tables belong to each other in a ring: {sorted(left)}")
        placed += ready
        for table in ready:
            del left[table]
    return tuple(placed)
