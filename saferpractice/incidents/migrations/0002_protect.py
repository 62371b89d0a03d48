"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        protect(
            "incidents_incident",
            may_change=(
                "physical_harm",
                "psychological_harm",
                "restricted",
            ),
        ),
        protect("incidents_incidenttheme"),
        protect("incidents_harmgrading"),
        protect("incidents_correction"),
        protect("incidents_restrictiondecision"),
        protect("incidents_namedaccess", may_change=("until_at",)),
        protect("incidents_keptfrom"),
        protect("incidents_withdrawal"),
    ]
