"""Supervision: the frozen list of a month, the draw from it, and the cases drawn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("pathways", "0004_replays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SupervisionList",
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
                ("pathway", models.CharField(max_length=80)),
                ("month", models.DateField()),
                ("wanted", models.PositiveSmallIntegerField()),
                ("case_ids", models.JSONField(default=list)),
                ("list_hash", models.CharField(max_length=64)),
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
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.team"),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pathways.pathwayversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SupervisionDraw",
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
                ("seed", models.CharField(max_length=64)),
                ("sealed_by", models.PositiveBigIntegerField()),
                ("method", models.CharField(max_length=40)),
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
                    "frozen",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="draw", to="pathways.supervisionlist"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupervisionPick",
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
                ("rank", models.PositiveIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supervision_picks",
                        to="pathways.pathwaycase",
                    ),
                ),
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
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="picks", to="pathways.supervisiondraw"
                    ),
                ),
                (
                    "instead_of",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacement",
                        to="pathways.supervisionpick",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.provider"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="supervisionlist",
            index=models.Index(fields=["provider", "pathway", "-month"], name="supervision_list_newest"),
        ),
        migrations.AddConstraint(
            model_name="supervisionlist",
            constraint=models.UniqueConstraint(
                fields=("team", "pathway", "month"), name="supervision_list_once_a_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionpick",
            constraint=models.UniqueConstraint(fields=("draw", "rank"), name="supervision_pick_once"),
        ),
        protect("pathways_supervisionlist"),
        protect("pathways_supervisiondraw"),
        protect("pathways_supervisionpick"),
    ]
