"""Entries of the trail that were emptied when what they told of was disposed of."""

from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("trail", "0005_timestamp")]

    operations = [
        migrations.CreateModel(
            name="EmptiedEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider_id", models.UUIDField()),
                ("sequence", models.BigIntegerField()),
                ("content", models.CharField(max_length=64)),
                ("certificate_id", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider_id", "sequence"), name="emptied_entry_once"),
                ],
                "indexes": [models.Index(fields=["certificate_id", "sequence"], name="emptied_by_certificate")],
            },
        ),
        protect("trail_emptiedentry"),
    ]
