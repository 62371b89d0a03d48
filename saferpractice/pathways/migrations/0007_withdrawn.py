"""Records withdrawn, by what they take back: few among many, and left out of every measure."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0006_measured")]

    operations = [
        migrations.AddIndex(
            model_name="pathwayrecord",
            index=models.Index(
                condition=models.Q(("withdrawn", True)), fields=["corrects"], name="pathway_record_withdrawn"
            ),
        ),
    ]
