"""Time stamps of signed heads, as an authority answered, held by the database like the heads."""

from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("trail", "0004_verification")]

    operations = [
        migrations.CreateModel(
            name="TimeStamp",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("stamped_at", models.DateTimeField()),
                ("authority", models.CharField(max_length=300)),
                ("answer", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider_id", "number"), name="timestamp_one_of_a_head"),
                ],
            },
        ),
        protect("trail_timestamp"),
    ]
