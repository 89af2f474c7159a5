"""The fields that records and claims share."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from actors.models import Group


@pytest.mark.parametrize("length", [40, 41, 59, 60, 61, 5_000])
def test_a_date_that_is_too_long_is_refused_with_one_sentence_about_dates(length: int):
    text = "2017" * (length // 4) + "2" * (length % 4)
    form = modelform_factory(Group, fields=["founded"])({"founded": text})
    assert not form.is_valid()
    with pytest.raises(ValidationError) as refused:
        Group(name="Clan", slug="clan", founded=text).clean_fields()

    (sentence,) = form.errors["founded"]
    assert refused.value.message_dict["founded"] == [sentence]
    assert "write" in sentence
    assert len(sentence) < 250
    assert form["founded"].value() == text


def test_a_date_that_is_typed_with_a_time_is_answered_with_the_date_alone_however_long():
    text = "2017-03-04T10:00:00-05:00/2017-03-05T11:00:00Z"
    form = modelform_factory(Group, fields=["founded"])({"founded": text})

    (sentence,) = form.errors["founded"]
    assert "2017-03-04/2017-03-05" in sentence
