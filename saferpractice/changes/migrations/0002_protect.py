"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial")]

    operations = [
        protect("changes_operationalchange", may_change=("owner_id",)),
        protect("changes_operationalchange_findings"),
        protect("changes_operationalchange_reach"),
        protect("changes_golive"),
        protect("changes_changewithdrawal"),
        protect("changes_briefing"),
        protect("changes_trackedaction", may_change=("owner_id",)),
        protect("changes_actionplan"),
        protect("changes_actionplan_actions"),
        protect("changes_completionevidence"),
        protect("changes_evidencedecision"),
        protect("changes_rolloutproof"),
        protect("changes_ownerhandover"),
    ]
