"""Replays, their parts and what they found, held by the database."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("incidents", "0004_search_accents"),
        ("pathways", "0003_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Replay",
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
                ("candidate", models.JSONField()),
                ("candidate_name", models.CharField(max_length=400)),
                ("opened_from", models.DateTimeField(null=True)),
                ("cases", models.PositiveIntegerField()),
                ("setting", models.JSONField()),
                ("submission_key", models.CharField(max_length=80)),
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
                    "draft",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replays",
                        to="pathways.pathwaydraft",
                    ),
                ),
                (
                    "live",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pathways.pathwayversion"
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
        migrations.CreateModel(
            name="ReplayCase",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("differs", models.BooleanField()),
                ("kinds", models.CharField(blank=True, max_length=200)),
                ("differences", models.JSONField(default=list)),
                ("live_at", models.DateTimeField(null=True)),
                ("candidate_at", models.DateTimeField(null=True)),
                ("incident_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pathways.pathwaycase"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.incident",
                    ),
                ),
                (
                    "replay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="found", to="pathways.replay"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplayPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("first", models.UUIDField()),
                ("last", models.UUIDField()),
                ("cases", models.PositiveIntegerField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("tally", models.JSONField(null=True)),
                (
                    "replay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="pathways.replay"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplayResult",
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
                ("tally", models.JSONField()),
                ("incidents", models.JSONField()),
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
                    "replay",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="result", to="pathways.replay"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReplayStopped",
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
                    "replay",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stopped", to="pathways.replay"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="replay",
            index=models.Index(fields=["provider", "pathway", "-decided_at"], name="replay_newest"),
        ),
        migrations.AddConstraint(
            model_name="replay",
            constraint=models.UniqueConstraint(fields=("provider", "submission_key"), name="replay_submitted_once"),
        ),
        migrations.AddConstraint(
            model_name="replaycase",
            constraint=models.UniqueConstraint(fields=("replay", "case"), name="replay_case_once"),
        ),
        migrations.AddIndex(
            model_name="replaypart",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)), fields=["replay"], name="replay_part_left"
            ),
        ),
        migrations.AddConstraint(
            model_name="replaypart",
            constraint=models.UniqueConstraint(fields=("replay", "number"), name="replay_part_once"),
        ),
        protect("pathways_replay"),
        protect("pathways_replaypart", may_change=("claimed_until", "done_at", "tally")),
        protect("pathways_replaycase"),
        protect("pathways_replaystopped"),
        protect("pathways_replayresult"),
    ]
