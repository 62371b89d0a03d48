"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial")]

    operations = [
        protect("changes_operationalchange"),
        protect("changes_golive"),
        protect("changes_changewithdrawal"),
        protect("changes_briefing"),
        protect("changes_trackedaction"),
        protect("changes_completionevidence"),
        protect("changes_evidencedecision"),
        protect("changes_rolloutproof"),
    ]
