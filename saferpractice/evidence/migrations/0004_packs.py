"""Evidence packs: what was asked for, what was let out of it, the building, what was built."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("evidence", "0003_lessons"),
        ("files", "0002_protect"),
        ("incidents", "0007_happened"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EvidencePack",
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
                    "subject",
                    models.CharField(
                        choices=[
                            ("incident", "One incident"),
                            ("learning", "What was learnt from one incident"),
                            ("theme", "A theme"),
                            ("quarter", "A quarter"),
                            ("inspection", "An inspection: services over a period"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "disclosure",
                    models.CharField(
                        choices=[
                            ("full", "Inside the service"),
                            ("inspector", "For an inspector"),
                            ("commissioner", "For a commissioner"),
                        ],
                        max_length=20,
                    ),
                ),
                ("theme", models.CharField(blank=True, max_length=80)),
                ("about", models.CharField(max_length=300)),
                ("period_from", models.DateField(null=True)),
                ("period_to", models.DateField(null=True)),
                ("identity_basis", models.CharField(blank=True, max_length=300)),
                ("identity_why", models.CharField(blank=True, max_length=300)),
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
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.incident",
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
            name="PackBuilding",
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
                ("claimed_until", models.DateTimeField(null=True)),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("gave_up_at", models.DateTimeField(null=True)),
                ("because", models.CharField(blank=True, max_length=300)),
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
                    "pack",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="building", to="evidence.evidencepack"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PackBuilt",
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
                ("incidents", models.PositiveIntegerField()),
                ("left_out", models.PositiveIntegerField()),
                ("statements", models.PositiveIntegerField()),
                (
                    "bundle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
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
                    "pack",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="built", to="evidence.evidencepack"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "pdf",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PackIncident",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.incident"
                    ),
                ),
                (
                    "pack",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tells", to="evidence.evidencepack"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PackWithdrawal",
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
                ("reason", models.CharField(max_length=300)),
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
                    "pack",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="evidence.evidencepack",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TextConfirmation",
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
                ("key", models.CharField(max_length=64)),
                ("number", models.PositiveSmallIntegerField()),
                ("choice", models.CharField(max_length=20)),
                ("words", models.TextField(blank=True)),
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
        migrations.AddIndex(
            model_name="evidencepack",
            index=models.Index(fields=["provider", "-decided_at", "-id"], name="pack_newest"),
        ),
        migrations.AddConstraint(
            model_name="evidencepack",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("incident__isnull", False),
                        ("period_from__isnull", True),
                        ("subject__in", ["incident", "learning"]),
                    ),
                    models.Q(
                        ("incident__isnull", True),
                        ("period_from__isnull", False),
                        ("period_to__gte", models.F("period_from")),
                    ),
                    _connector="OR",
                ),
                name="pack_of_an_incident_or_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencepack",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("identity_basis", ""), ("identity_why", "")),
                    models.Q(
                        models.Q(("identity_basis", ""), _negated=True),
                        models.Q(("identity_why", ""), _negated=True),
                        ("disclosure", "inspector"),
                    ),
                    _connector="OR",
                ),
                name="pack_tells_who_by_a_law",
            ),
        ),
        migrations.AddConstraint(
            model_name="packincident",
            constraint=models.UniqueConstraint(fields=("pack", "incident"), name="pack_incident_once"),
        ),
        migrations.AddConstraint(
            model_name="textconfirmation",
            constraint=models.UniqueConstraint(fields=("provider", "key", "number"), name="text_confirmation_once"),
        ),
        migrations.AddConstraint(
            model_name="textconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("choice", "left_out"), ("words", "")),
                    models.Q(("choice__in", ["masked", "edited"]), models.Q(("words", ""), _negated=True)),
                    _connector="OR",
                ),
                name="text_confirmed_has_words",
            ),
        ),
        protect("evidence_evidencepack"),
        protect("evidence_evidencepack_services"),
        protect("evidence_packincident"),
        protect("evidence_textconfirmation"),
        protect("evidence_packbuilding", may_change=("claimed_until", "step", "tries", "gave_up_at", "because")),
        protect("evidence_packbuilt"),
        protect("evidence_packwithdrawal"),
    ]
