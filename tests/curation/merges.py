"""Merges without the page on which people make them."""

from typing import Any

from django.contrib.auth.models import User

from crimewatch.curation.merging.doing import merge
from crimewatch.curation.merging.models import Merge
from crimewatch.curation.merging.preview import Preview


def merge_records(kept: Any, gone: Any) -> Merge:
    """Let ``gone`` go into ``kept``, with the values that the page proposes."""
    user, _made = User.objects.get_or_create(username="merger", defaults={"is_staff": True, "is_superuser": True})
    preview = Preview(kept, gone, user)
    return merge(preview, preview.stamp, {}, set(), "two spellings of one name")
