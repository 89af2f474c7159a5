"""What the database refuses reaches its reader as a sentence, in the reader's language."""

import re

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.utils import translation

from actors.models import Group
from crimewatch.records.database_errors import TRIGGER_SENTENCES, sentence_of, translated
from tests.factories import make_activity, make_group, make_group_citation
from tests.kinds import delete_by_sql, set_by_sql, transaction_to_its_end


def raised_by_triggers() -> set[str]:
    """Every sentence that a trigger of a model raises, with % for each word that it puts in."""
    return {
        sentence
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", [])
        for sentence in re.findall(r"RAISE EXCEPTION\s+'([^']+)'", trigger.compile(model).install_sql)
        if not sentence.startswith("pgtrigger:")  # forbids changes of the history, which no page offers
    }


def test_there_is_a_translation_for_each_sentence_of_a_trigger():
    known = {re.sub(r"%\(\w+\)s", "%", template) for template in TRIGGER_SENTENCES}

    assert raised_by_triggers() == known


def refusal_of_a_cycle() -> IntegrityError:
    above = make_activity(slug="mining")
    below = make_activity(slug="gold-mining", parent=above)
    with pytest.raises(IntegrityError) as refusal, transaction_to_its_end():
        set_by_sql(above, "parent_id", below.pk)
    return refusal.value


def test_a_trigger_speaks_the_language_of_the_reader(db):
    error = refusal_of_a_cycle()

    assert sentence_of(error) == (
        "“mining” cannot lie below “gold-mining”, which is the record itself or lies below it."
    )
    with translation.override("es"):
        assert sentence_of(error) == (
            "«mining» no puede estar por debajo de «gold-mining», que es el mismo registro o está por debajo de él."
        )


def test_a_claim_that_cannot_go_says_so_in_the_language_of_the_reader(db):
    claim = make_group_citation(record=make_group(slug="clan"))
    with transaction_to_its_end():
        Group.objects.update(status="published")
    with pytest.raises(IntegrityError) as refusal, transaction_to_its_end():
        delete_by_sql(claim)

    with translation.override("es"):
        assert sentence_of(refusal.value).startswith("«clan» está publicado y esta es la última afirmación")


def test_what_is_no_sentence_of_a_trigger_stays_as_it_is():
    assert translated("deadlock detected") == "deadlock detected"
