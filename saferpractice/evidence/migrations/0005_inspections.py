"""Inspections: who inspects what until when, what was drawn, what was released; and their protection."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("evidence", "0004_packs"),
        ("incidents", "0007_happened"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decided_by_name", models.CharField(max_length=200)),
                ("decided_by_role", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("reference", models.CharField(max_length=60)),
                ("authority", models.CharField(max_length=80)),
                ("period_from", models.DateField()),
                ("period_to", models.DateField()),
                ("ends_at", models.DateTimeField()),
                ("identity_power", models.CharField(blank=True, max_length=80)),
                ("identity_because", models.TextField(blank=True)),
                ("submission_key", models.CharField(max_length=80, unique=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.provider"
                    ),
                ),
                ("services", models.ManyToManyField(related_name="+", to="access.service")),
            ],
        ),
        migrations.CreateModel(
            name="InspectionEnd",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decided_by_name", models.CharField(max_length=200)),
                ("decided_by_role", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("reason", models.TextField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="end", to="evidence.inspection"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InspectionPopulation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decided_by_name", models.CharField(max_length=200)),
                ("decided_by_role", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("number", models.PositiveSmallIntegerField()),
                ("words", models.TextField()),
                ("ids", models.JSONField(default=list)),
                ("count", models.PositiveIntegerField()),
                ("restricted", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("list_hash", models.CharField(max_length=64)),
                ("submission_key", models.CharField(max_length=80, unique=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="populations",
                        to="evidence.inspection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InspectionDraw",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decided_by_name", models.CharField(max_length=200)),
                ("decided_by_role", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("seed", models.CharField(max_length=200)),
                ("method", models.CharField(max_length=40)),
                ("drawn", models.JSONField(default=list)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "population",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw",
                        to="evidence.inspectionpopulation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InspectionRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decided_by_name", models.CharField(max_length=200)),
                ("decided_by_role", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("reason", models.TextField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.incident"
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="evidence.inspection"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(("period_to__gte", models.F("period_from"))),
                name="inspection_period_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("decided_at"))), name="inspection_ends_after_it_opens"
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("identity_because", ""), ("identity_power", "")),
                    models.Q(
                        models.Q(("identity_power", ""), _negated=True),
                        models.Q(("identity_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inspection_identity_has_power_and_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionpopulation",
            constraint=models.UniqueConstraint(fields=("inspection", "number"), name="inspection_list_once"),
        ),
        migrations.AddConstraint(
            model_name="inspectionpopulation",
            constraint=models.CheckConstraint(
                condition=models.Q(("restricted__lte", models.F("count"))), name="restricted_are_on_the_list"
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionrelease",
            constraint=models.UniqueConstraint(fields=("inspection", "incident"), name="released_once"),
        ),
        protect("evidence_inspection"),
        protect("evidence_inspection_services"),
        protect("evidence_inspectionend"),
        protect("evidence_inspectionpopulation"),
        protect("evidence_inspectiondraw"),
        protect("evidence_inspectionrelease"),
    ]
