"""Incidents by when they happened, for measures: where that is not known, by when the service came to know."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("incidents", "0006_characteristics")]

    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(models.F("provider"), Coalesce("occurred_at", "known_at"), name="incident_happened"),
        ),
    ]
