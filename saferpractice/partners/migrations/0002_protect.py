"""What was shared, shown and written by partners is held by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        protect("partners_agency", may_change=("name", "kind", "ended_at")),
        protect("partners_contact", may_change=("ended_at",)),
        protect("partners_sharingdecision"),
        protect("partners_partnerinvitation", may_change=("used_at", "ended_at")),
        protect("partners_partnersession", may_change=("ended_at",)),
        protect("partners_shownrecord"),
        protect("partners_partnerpart"),
    ]
