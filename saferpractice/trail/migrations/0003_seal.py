"""Seals: signed heads over the entries of a provider's trail, held by the database like the entries."""

from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("trail", "0002_protect")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("note", models.TextField()),
                ("peaks", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider_id", "number"), name="seal_one_number"),
                    models.UniqueConstraint(fields=("provider_id", "size"), name="seal_one_size"),
                ],
            },
        ),
        protect("trail_seal"),
    ]
