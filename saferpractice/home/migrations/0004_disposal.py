"""Disposal: proposed by one person, decided by another, done or stopped, and accounted for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_look_detail"),
        ("home", "0003_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NeverKept",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisposalProposal",
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
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.provider"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisposalDecision",
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
                ("approved", models.BooleanField()),
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
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="home.disposalproposal"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisposalCertificate",
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
                ("basis", models.JSONField(default=list)),
                ("counts", models.JSONField(default=dict)),
                ("emptied", models.JSONField(default=dict)),
                ("files", models.PositiveIntegerField()),
                ("rows_sha256", models.CharField(max_length=64)),
                ("emptied_sha256", models.CharField(max_length=64)),
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
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificate",
                        to="home.disposalproposal",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisposalStop",
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
                ("why", models.JSONField(default=list)),
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
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stop", to="home.disposalproposal"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisposedFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("path", models.CharField(max_length=200)),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="home.disposalcertificate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisposalPermit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("table_name", models.CharField(max_length=63)),
                ("row_id", models.CharField(max_length=36)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="home.disposalproposal"
                    ),
                ),
                (
                    "until_the_end",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="home.neverkept"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProposedIncident",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("incident_id", models.UUIDField()),
                ("reference", models.CharField(max_length=30)),
                ("code", models.CharField(max_length=80)),
                ("years", models.PositiveSmallIntegerField()),
                ("kept_until", models.DateField()),
                ("counted_on", models.DateField()),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="home.disposalproposal",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.team"),
                ),
            ],
            options={
                "ordering": ["reference"],
            },
        ),
        migrations.AddIndex(
            model_name="disposalproposal",
            index=models.Index(fields=["provider", "-decided_at"], name="disposal_proposal_newest"),
        ),
        migrations.AddConstraint(
            model_name="disposalproposal",
            constraint=models.UniqueConstraint(fields=("provider", "submission_key"), name="disposal_proposal_once"),
        ),
        migrations.AddIndex(
            model_name="disposalcertificate",
            index=models.Index(fields=["provider", "-decided_at"], name="disposal_certificate_newest"),
        ),
        migrations.AddIndex(
            model_name="disposedfile",
            index=models.Index(condition=models.Q(("gone_at__isnull", True)), fields=["id"], name="disposed_file_left"),
        ),
        migrations.AddConstraint(
            model_name="disposalpermit",
            constraint=models.UniqueConstraint(fields=("table_name", "row_id"), name="disposal_permit_once"),
        ),
        migrations.AddIndex(
            model_name="proposedincident",
            index=models.Index(fields=["incident_id"], name="proposed_incident"),
        ),
        migrations.AddConstraint(
            model_name="proposedincident",
            constraint=models.UniqueConstraint(fields=("proposal", "incident_id"), name="proposed_incident_once"),
        ),
        protect("home_disposalproposal"),
        protect("home_proposedincident"),
        protect("home_disposaldecision"),
        protect("home_disposalstop"),
        protect("home_disposalcertificate"),
        protect("home_disposedfile", may_change=("gone_at",)),
    ]
