"""Rows that are added and never changed are held so by the database itself."""

from django.db import migrations

from saferpractice.trail.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]

    operations = [
        protect("exchange_importbatch"),
        protect("exchange_importundo"),
        protect("exchange_keptmapping"),
    ]
