"""Tracked actions that a quality meeting gave out: about the whole provider, with no incident."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from saferpractice.trail.append_only import protect, unprotect


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_protect"),
        ("changes", "0003_by_pathway"),
        ("incidents", "0005_contact_preferences"),
        ("reviews", "0002_protect"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        unprotect("changes_trackedaction", may_change=("owner_id",)),
        migrations.RemoveConstraint(
            model_name="trackedaction",
            name="action_belongs_somewhere",
        ),
        migrations.AddField(
            model_name="trackedaction",
            name="decision_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.AlterField(
            model_name="trackedaction",
            name="incident",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tracked_actions",
                to="incidents.incident",
            ),
        ),
        migrations.AddConstraint(
            model_name="trackedaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review__isnull", False),
                    ("change__isnull", False),
                    ("decision_id__isnull", False),
                    _connector="OR",
                ),
                name="action_belongs_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="trackedaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision_id__isnull", True), ("incident__isnull", False)),
                    models.Q(("decision_id__isnull", False), ("incident__isnull", True)),
                    _connector="OR",
                ),
                name="action_of_incident_or_meeting",
            ),
        ),
        protect("changes_trackedaction", may_change=("owner_id",)),
    ]
