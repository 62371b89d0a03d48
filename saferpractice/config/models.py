"""The row every table is made of."""

from __future__ import annotations

import uuid

from django.db import models
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A fresh id: UUID version 7, so that rows written together lie together in the index."""
    return uuid7()


class Row(models.Model):
    """A table whose key tells an outsider nothing and can move to another database unchanged."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
