"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_initial")]

    operations = [
        protect("triage_triagerecord"),
        protect("triage_immediatesafetyaction"),
        protect("triage_safetyactiondone"),
        protect("triage_thresholddecision"),
        protect("triage_safeguardingreferral"),
        protect("triage_referralacknowledgement"),
        protect("triage_statutorynotification"),
        protect("triage_partnerescalation"),
        protect("triage_repeatedpattern"),
        protect("triage_repeatedpattern_earlier"),
        protect("triage_tierproposal"),
        protect("triage_tierdecision"),
        protect("triage_triagehandover"),
    ]
