"""The words that stand for a value with choices, looked up quickly: a page shows some hundreds of them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import models
from django.utils.encoding import force_str


class Labelled(models.Model):
    """Answers ``get_FIELD_display()`` as Django does, from a table of words that is made once for each field.

    Django makes it anew for each call, which is a quarter of the time of a page with a hundred claims. The choices of
    our fields do not change while the site runs.
    """

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: "models.Field[Any, Any]") -> Any:  # noqa: N802 (Django's name)
        """Return the label of the field's value in the language of the moment; a value without one as it is."""
        value = getattr(self, field.attname)
        return force_str(labels_of(field).get(value, value), strings_only=True)


@cache
def labels_of(field: "models.Field[Any, Any]") -> Mapping[Any, Any]:
    """Return the labels of a field by its values. They wait for the language of whoever reads them."""
    return dict(field.flatchoices)
