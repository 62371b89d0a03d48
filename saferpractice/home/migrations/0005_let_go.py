"""What two people permitted may go: rows of an incident, and the words of what must stay about it.

The triggers name three tables only, ``home_disposalpermit`` and two that say of which incidents and by whom. SQLite
refuses to alter a table that the trigger of another names: whoever alters one of those drops these triggers first.
"""

from collections.abc import Callable

from django.db import migrations

from saferpractice.trail.append_only import let_empty, let_go, let_in

OF_AN_INCIDENT = (
    "changes_trackedaction",
    "evidence_evidencepack",
    "evidence_inspectionrelease",
    "evidence_packincident",
    "findings_finding",
    "home_retentionhold",
    "incidents_correction",
    "incidents_harmgrading",
    "incidents_incidenttheme",
    "incidents_keptfrom",
    "incidents_namedaccess",
    "incidents_restrictiondecision",
    "incidents_withdrawal",
    "pathways_pathwaycase",
    "reviews_involvedperson",
    "reviews_review",
    "triage_partnerescalation",
    "triage_repeatedpattern",
    "triage_safeguardingreferral",
    "triage_statutorynotification",
    "triage_thresholddecision",
    "triage_tierdecision",
    "triage_tierproposal",
    "triage_triagehandover",
    "triage_triagerecord",
)
"""Tables with the incident in a column: it must be one of those proposed."""
OF_SOMETHING_OF_IT = (
    "assurance_auditfollowup",
    "assurance_auditplan",
    "assurance_auditplanend",
    "assurance_auditpopulation",
    "assurance_auditresult",
    "assurance_auditsample",
    "assurance_auditscore",
    "assurance_auditseed",
    "assurance_auditsettlement",
    "assurance_countedfromaudit",
    "assurance_countedfromrecords",
    "assurance_impactcheck",
    "assurance_impactplan",
    "assurance_impactresult",
    "assurance_learningpoint",
    "assurance_learningpoint_teams",
    "assurance_learningpointwithdrawal",
    "assurance_ownmeasure",
    "assurance_plannedlook",
    "assurance_supervisiondiscussion_points",
    "changes_actionplan",
    "changes_actionplan_actions",
    "changes_briefing",
    "changes_carriedoutbypathway",
    "changes_carryingtakenoff",
    "changes_changewithdrawal",
    "changes_completionevidence",
    "changes_evidencedecision",
    "changes_golive",
    "changes_operationalchange",
    "changes_operationalchange_findings",
    "changes_operationalchange_reach",
    "changes_ownerhandover",
    "changes_proofbyuse",
    "changes_rolloutproof",
    "deadlines_escalation",
    "deadlines_escalationseen",
    "deadlines_moveddeadline",
    "evidence_evidencepack_services",
    "evidence_packbuilding",
    "evidence_packbuilt",
    "evidence_packwithdrawal",
    "evidence_textconfirmation",
    "files_storedfile",
    "findings_finding_evidence",
    "home_addedwords",
    "home_gatheredrecords",
    "home_holdend",
    "home_placesconfirmed",
    "home_recordsrelease",
    "incidents_contactpreference",
    "incidents_personcharacteristics",
    "partners_partnerinvitation",
    "partners_partnerpart",
    "partners_sharingdecision",
    "partners_shownrecord",
    "pathways_caseclosing",
    "pathways_casemoved",
    "pathways_caseobligation",
    "pathways_pathwayrecord",
    "pathways_replaycase",
    "reviews_oversightsignoff",
    "reviews_requireddocument",
    "reviews_reviewcompletion",
    "reviews_reviewdocument",
    "reviews_reviewerassignment",
    "reviews_supportoffer",
    "reviews_timelineentry",
    "triage_immediatesafetyaction",
    "triage_referralacknowledgement",
    "triage_repeatedpattern_earlier",
    "triage_safetyactiondone",
)
"""Tables whose rows belong to an incident through others."""


def permitted(table: str) -> Callable[[str], str]:
    """That a permit names the row."""
    found = f"SELECT 1 FROM home_disposalpermit WHERE table_name = '{table}' AND row_id = "
    return lambda row: f'EXISTS ({found}CAST({row}."id" AS text))'


def permitted_of(table: str, column: str) -> Callable[[str], str]:
    """That a permit names the row, and the incident of the row was proposed with it."""
    return lambda row: (
        f'{permitted(table)(row)} AND ({row}."{column}" IS NULL OR EXISTS (SELECT 1 FROM home_disposalpermit p '
        "JOIN home_proposedincident i ON i.proposal_id = p.proposal_id "
        f"WHERE p.table_name = '{table}' AND p.row_id = CAST({row}.\"id\" AS text) "
        f'AND i.incident_id = {row}."{column}"))'
    )


def by_two(row: str) -> str:
    """That two people made the proposal, and it is still to be done."""
    return (
        "EXISTS (SELECT 1 FROM home_disposalproposal p JOIN home_disposaldecision d ON d.proposal_id = p.id "
        f"WHERE p.id = {row}.proposal_id AND d.approved AND p.decided_by_id <> d.decided_by_id) "
        f"AND NOT EXISTS (SELECT 1 FROM home_disposalstop WHERE proposal_id = {row}.proposal_id) "
        f"AND NOT EXISTS (SELECT 1 FROM home_disposalcertificate WHERE proposal_id = {row}.proposal_id)"
    )


def never(row: str) -> str:
    """Nothing."""
    return "1 = 0"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_look_detail"),
        ("assurance", "0007_own_measures"),
        ("changes", "0004_meeting_actions"),
        ("deadlines", "0008_outbox_outside"),
        ("evidence", "0005_inspections"),
        ("exchange", "0003_integrations"),
        ("files", "0002_protect"),
        ("findings", "0002_protect"),
        ("home", "0004_disposal"),
        ("incidents", "0007_happened"),
        ("partners", "0002_protect"),
        ("pathways", "0007_withdrawn"),
        ("reviews", "0002_protect"),
        ("trail", "0006_emptied"),
        ("triage", "0002_protect"),
    ]

    operations = [
        let_in("home_neverkept", never),
        let_in("home_disposalpermit", by_two),
        let_go("incidents_incident", permitted_of("incidents_incident", "id")),
        *(let_go(table, permitted_of(table, "incident_id")) for table in OF_AN_INCIDENT),
        *(let_go(table, permitted(table)) for table in OF_SOMETHING_OF_IT),
        let_empty("trail_trailentry", permitted("trail_trailentry"), empty={"sentence": "", "facts": "{}", "salt": ""}),
        let_empty("access_accessentry", permitted("access_accessentry"), empty={"detail": ""}),
    ]
