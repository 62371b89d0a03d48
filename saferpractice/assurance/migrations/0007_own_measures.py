"""Impact plans that read the product's own measures, and what was read: rows that are added and never changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("assurance", "0006_supervision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedFromRecords",
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
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                ("known_at", models.DateTimeField()),
                ("points", models.JSONField(default=list)),
                ("compared", models.JSONField(default=list)),
                ("beside", models.JSONField(null=True)),
                ("left_out", models.JSONField(default=list)),
                ("signals", models.JSONField(default=list)),
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
                    "impact_result",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="from_records",
                        to="assurance.impactresult",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OwnMeasure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("measure_key", models.CharField(max_length=200)),
                ("reads", models.JSONField()),
                ("length", models.CharField(max_length=20)),
                (
                    "compared_with",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.team"
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_measure",
                        to="assurance.impactplan",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.service"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("team__isnull", True), ("service__isnull", False), _connector="OR"),
                        name="own_measure_team_names_its_service",
                    )
                ],
            },
        ),
        protect("assurance_ownmeasure"),
        protect("assurance_countedfromrecords"),
    ]
