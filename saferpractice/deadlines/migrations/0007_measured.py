"""What measures read an obligation by: the standard that asks for it, and the person supported it is for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0006_outbox_address")]

    operations = [
        migrations.AddField(
            model_name="obligation",
            name="person_supported_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="obligation",
            name="standard",
            field=models.CharField(blank=True, default="", max_length=170),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(fields=["provider", "kind", "standard", "opened_at"], name="obligation_measured"),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("person_supported_id__isnull", False)),
                fields=["person_supported_id", "standard", "opened_at"],
                name="obligation_of_person",
            ),
        ),
    ]
