"""An address that makes no sense gets an empty list with a sentence, and no file."""

import pytest

from tests.factories import (
    make_group,
    make_presence,
    make_region,
)
from tests.kinds import RECORDS, make, make_claim_about
from tests.listing import ADDRESSES, names, page, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"during": "last year"}, "is not"),
        ({"wording": "shouted"}, "“shouted” is not among the choices: stated"),
        ({"credibility": "9"}, "“9” is not among the choices: 1, 2"),
        ({"regoin": "puno"}, "There is no filter “regoin” here"),
        ({"page": "abc"}, "“abc” is not a page"),
        ({"page": "0"}, "“0” is not a page"),
        ({"page": "-1"}, "“-1” is not a page"),
        ({"page": "²"}, "“²” is not a page"),
        ({"page": "9" * 400}, "is not a page"),
        ({"page": "7"}, "There is no page 7: the last is 1."),
        ({"sort": "colour"}, "cannot be sorted by “colour”"),
        ({"sort": "--uid"}, "cannot be sorted by"),
        ({"columns": "uid_,name"}, "There is no column “uid_” here"),
        ({"place-uid_": "1"}, "There is no column “uid_” here"),
        ({"columns": "status", "place-status": "first"}, "“first” is no place for a column: write a whole number"),
        ({"columns": "status", "place-status": "-1"}, "“-1” is no place for a column: write a whole number"),
        ({"columns": "status", "place-status": "²"}, "“²” is no place for a column: write a whole number"),
        ({"columns": "status", "place-status": "100"}, "“100” is no place for a column: write a whole number"),
        ({"format": "pdf"}, "There is no download as “pdf”"),
        ({"q": "a\0b"}, "Null characters"),
        ({"q": "x" * 5000}, "at most 200 characters"),
        ({"during": ["2017", "2018"]}, "given twice"),
        ({"wording": "stated,shouted"}, "“shouted” is not among the choices: stated"),
        ({"wording": "none"}, "“none” is not among the choices: stated"),
        ({"wording": "!"}, "Write behind “!” what is to be left out, as in !stated."),
        ({"during": "!last year"}, "is not"),
        ({"after": "forged"}, "“after=forged” is no place in this list"),
        ({"before": "WyJhIiwxXQ:forged"}, "is no place in this list"),
        ({"after": "x" * 9000}, "is no place in this list"),
        ({"page": "1", "after": "forged"}, "each name a page"),
    ],
)
def test_nonsense_gets_an_empty_list_and_a_sentence(researcher, address, query, sentence):
    for model in RECORDS:
        make_claim_about(make(model, name="Shown to nobody"))
    texts = [refused(researcher, address, **query)]
    if "format" not in query:
        texts.append(page(researcher, address, **query))
    for text in texts:
        assert sentence in text.replace("&#x27;", "'")
        assert "Shown to nobody" not in text
        assert "<tbody>" not in text


@pytest.mark.parametrize("value", ["nope", "'; DROP TABLE", "%", "\\", "💥", "../..", "a" * 300, "1e9"])
def test_nonsense_for_a_record_gets_an_empty_list_and_a_sentence(researcher, value):
    make_presence(group=make_group(name="Shown to nobody"))
    text = page(researcher, "actors:group_list", region=value)
    assert 'class="error" id="error-region"' in text
    assert "Shown to nobody" not in text


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "9" * 50])
def test_sources_at_least_is_a_whole_number(researcher, value):
    make_group(name="Shown to nobody")
    assert "write a whole number from 1 to 1000" in page(researcher, "actors:group_list", sources=value)
    assert "Shown to nobody" not in refused(researcher, "actors:group_list", sources=value)


def test_an_unknown_key_is_answered_with_those_near_it(researcher):
    make_region(slug="puno", name="Puno")
    assert "Near it: puno." in page(researcher, "actors:group_list", region="punno")


def test_a_name_in_capitals_and_a_past_key_find_the_record(researcher):
    region = make_region(slug="old", name="Huánuco")
    region.slug = "huanuco"
    region.save()
    make_presence(group=make_group(name="Meant"), region=region)
    assert names(researcher, "actors:group_list", region="Huánuco") == ["Meant"]
    assert names(researcher, "actors:group_list", region="old") == ["Meant"]
