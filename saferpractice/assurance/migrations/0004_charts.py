"""New limits on a chart: decisions that are added and never changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("assurance", "0002_protect"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChartRebase",
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
                ("measure_key", models.CharField(max_length=200)),
                ("on", models.DateField()),
                ("reason", models.TextField()),
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
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.provider"
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
        ),
        migrations.CreateModel(
            name="ChartRebaseWithdrawal",
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
                    "rebase",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="assurance.chartrebase",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="chartrebase",
            index=models.Index(fields=["provider", "measure_key"], name="rebase_of_measure"),
        ),
        migrations.AddConstraint(
            model_name="chartrebase",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("service__isnull", False), _connector="OR"),
                name="rebase_team_names_its_service",
            ),
        ),
        protect("assurance_chartrebase"),
        protect("assurance_chartrebasewithdrawal"),
    ]
