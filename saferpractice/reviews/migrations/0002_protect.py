"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        protect("reviews_review"),
        protect("reviews_requireddocument"),
        protect("reviews_reviewerassignment", may_change=("until_at",)),
        protect("reviews_involvedperson"),
        protect("reviews_timelineentry"),
        protect("reviews_reviewdocument"),
        protect("reviews_oversightsignoff"),
        protect("reviews_reviewcompletion"),
        protect("reviews_supportoffer"),
    ]
