"""Messages to servers outside, which are given up when they are not taken for a day."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("deadlines", "0007_measured"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="outboxmessage", name="outbox_one_recipient"),
        migrations.AddField(
            model_name="outboxmessage",
            name="destination",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="given_up_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("destination", ""), _negated=True),
                fields=["provider", "destination", "created_at"],
                name="outbox_outside",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("address", ""), ("destination", ""), ("to__isnull", False)),
                    models.Q(
                        ("to__isnull", True),
                        models.Q(("address", ""), ("destination", ""), _connector="XOR"),
                    ),
                    _connector="OR",
                ),
                name="outbox_one_recipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("sent_at__isnull", True), ("given_up_at__isnull", True), _connector="OR"),
                name="outbox_sent_or_given_up",
            ),
        ),
    ]
