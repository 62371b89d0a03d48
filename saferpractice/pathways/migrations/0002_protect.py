"""What is written down on a case is held by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("pathways", "0001_initial")]

    operations = [
        protect("pathways_pathwayversion"),
        protect("pathways_localvalues"),
        protect("pathways_pathwaycase"),
        protect("pathways_pathwayrecord"),
        protect("pathways_caseclosing"),
        protect("pathways_caseobligation", may_change=("because",)),
    ]
