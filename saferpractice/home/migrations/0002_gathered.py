"""What was gathered about somebody who asked what is held about them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_look_detail"),
        ("home", "0001_initial"),
        ("incidents", "0007_happened"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GatheredRecords",
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
                ("asked_by", models.CharField(max_length=200)),
                ("asked_on", models.DateField()),
                ("content_encrypted", models.TextField()),
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
                    "person_supported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gathered",
                        to="incidents.personsupported",
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
            name="AddedWords",
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
                ("words_encrypted", models.TextField()),
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
                    "gathered",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="added", to="home.gatheredrecords"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlacesConfirmed",
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
                ("taken_out", models.JSONField(default=list)),
                ("kept", models.JSONField(default=list)),
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
                    "gathered",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="confirmed", to="home.gatheredrecords"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RecordsRelease",
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
                ("to_whom", models.CharField(max_length=200)),
                ("how", models.CharField(max_length=200)),
                ("files_encrypted", models.TextField()),
                ("manifest_sha256", models.CharField(max_length=64)),
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
                    "gathered",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="release", to="home.gatheredrecords"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="gatheredrecords",
            index=models.Index(fields=["person_supported", "-decided_at"], name="gathered_newest"),
        ),
        migrations.AddConstraint(
            model_name="gatheredrecords",
            constraint=models.UniqueConstraint(fields=("provider", "submission_key"), name="gathered_once"),
        ),
        protect("home_gatheredrecords"),
        protect("home_addedwords"),
        protect("home_placesconfirmed"),
        protect("home_recordsrelease"),
    ]
