"""Whether a record was complete when it was written, kept with it; and what measures read obligations by, filled in."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from saferpractice.pathways.rules.reading import kept_definition
from saferpractice.pathways.rules.standards import standard_of
from saferpractice.pathways.rules.timeline import lacking
from saferpractice.pathways.rules.values import read_values
from saferpractice.trail.append_only import protect_again

KIND = "pathways.owed"


def fill_in(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say of everything there is already what is said of new rows when they are written."""
    owed, obligations = apps.get_model("pathways", "CaseObligation"), apps.get_model("deadlines", "Obligation")
    for row in owed.objects.select_related("case__version").iterator():
        obligations.objects.filter(kind=KIND, subject_id=row.pk).update(
            standard=standard_of(row.case.version.pathway, row.code),
            person_supported_id=row.case.person_supported_id,
        )
    versions = apps.get_model("pathways", "PathwayVersion").objects.all()
    definitions = {version.pk: kept_definition(version.content, name=str(version.pk)) for version in versions}
    moved = (
        apps.get_model("pathways", "CaseMoved")
        .objects.order_by("decided_at")
        .values_list("case_id", "decided_at", "to_version_id")
    )
    moves = {}
    for case_id, at, version_id in moved:
        moves.setdefault(case_id, []).append((at, version_id))
    records = apps.get_model("pathways", "PathwayRecord").objects.filter(withdrawn=False).select_related("case")
    for record in records.iterator():
        passed = [version for at, version in moves.get(record.case_id, []) if at <= record.decided_at]
        kind = definitions[passed[-1] if passed else record.case.version_id].kinds.get(record.kind)
        if kind is not None:
            complete = not lacking(kind, read_values(kind, record.values))
            type(record).objects.filter(pk=record.pk).update(complete=complete)


class Migration(migrations.Migration):
    dependencies = [("pathways", "0005_supervision"), ("deadlines", "0007_measured")]

    operations = [
        migrations.AddField(
            model_name="pathwayrecord",
            name="complete",
            field=models.BooleanField(null=True),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        protect_again("pathways_pathwayrecord"),
        migrations.AddIndex(
            model_name="pathwayrecord",
            index=models.Index(fields=["kind", "happened_at"], name="pathway_record_measured"),
        ),
    ]
