"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("assurance", "0001_initial")]

    operations = [
        protect("assurance_impactplan"),
        protect("assurance_plannedlook"),
        protect("assurance_impactresult"),
        protect("assurance_impactcheck"),
    ]
