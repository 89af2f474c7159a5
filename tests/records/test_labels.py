"""Words that stand for a value with choices."""

from django.db import models
from django.utils import translation

from actors.models import Group, Presence
from crimewatch.citations.models import Credibility, Wording
from crimewatch.records.labels import Labelled
from crimewatch.records.models import Status
from tests.kinds import CLAIMS, RECORDS


def test_a_label_is_in_the_language_of_the_moment() -> None:
    group = Group(status=Status.PUBLISHED)
    with translation.override("en"):
        assert group.get_status_display() == "published"
    with translation.override("es"):
        assert group.get_status_display() == "publicado"


def test_a_number_has_its_label() -> None:
    with translation.override("en"):
        assert Presence(credibility=Credibility.DOUBTFUL).get_credibility_display() == "4 · doubtful"


def test_a_value_without_a_label_is_shown_as_it_is() -> None:
    """A record that is not saved yet may hold anything; a form shows it beside the sentence on what is wrong."""
    assert Presence(wording="shouted").get_wording_display() == "shouted"
    assert Presence(credibility=None).get_credibility_display() is None
    assert Presence(credibility=9).get_credibility_display() == 9


def test_every_record_and_claim_finds_its_labels_this_way() -> None:
    for model in (*RECORDS, *CLAIMS):
        assert issubclass(model, Labelled)


def test_what_is_shown_is_what_django_shows() -> None:
    """For each value of each field with choices, of every kind of record and claim."""
    for model in (*RECORDS, *CLAIMS):
        for field in model._meta.get_fields():
            for value, _label in getattr(field, "flatchoices", None) or ():
                row = model(**{field.name: value})
                of_django = models.Model._get_FIELD_display(row, field)  # type: ignore[attr-defined]
                assert getattr(row, f"get_{field.name}_display")() == of_django


def test_labels_are_those_of_the_choices() -> None:
    with translation.override("en"):
        assert Presence(wording=Wording.PLANNED).get_wording_display() == str(Wording.PLANNED.label)
