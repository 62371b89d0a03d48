"""What verifying a trail found, and when: so that whoever looks after it sees that somebody looked."""

from django.db import migrations, models

import saferpractice.config.models
from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_seal")]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saferpractice.config.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("entries", models.BigIntegerField()),
                ("heads", models.BigIntegerField()),
                ("kept", models.BigIntegerField()),
                ("troubles", models.JSONField(default=list)),
                ("more", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["provider_id", "-at"], name="verification_newest")]},
        ),
        protect("trail_verification"),
    ]
