"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]

    operations = [
        protect("findings_finding"),
        protect("findings_finding_evidence"),
    ]
