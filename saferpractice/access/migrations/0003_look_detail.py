"""Looks that name somebody by reference only are found without reading every look."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0002_protect")]

    operations = [
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(
                condition=models.Q(("story_id__isnull", True)), fields=["provider_id", "detail"], name="access_detail"
            ),
        ),
    ]
