"""Numbers and dates are written as the reader's language has them."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings

from crimewatch.records import readable
from tests.records.edtf_strategies import periods


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (Decimal("55000.0000"), "55,000", "55\xa0000"),
        (Decimal("40441.1800"), "40,441.18", "40\xa0441,18"),
        (Decimal("0.5"), "0.5", "0,5"),
        (Decimal("-1250"), "-1,250", "-1\xa0250"),
        (1234567, "1,234,567", "1\xa0234\xa0567"),
        (Decimal("12.0000"), "12", "12"),
        (0, "0", "0"),
    ],
)
def test_numbers_have_the_separators_of_the_language(value, english, spanish):
    with translation.override("en"):
        assert readable.number(value) == english
    with translation.override("es"):
        assert readable.number(value) == spanish


@pytest.mark.parametrize(
    ("edtf", "english", "spanish"),
    [
        ("2017", "2017", "2017"),
        ("2017-03", "March 2017", "marzo de 2017"),
        ("2016-10-04", "Oct. 4, 2016", "el 4 de octubre de 2016"),
        ("2017~", "about 2017", "hacia 2017"),
        ("2017-03?", "perhaps March 2017", "quizá marzo de 2017"),
        ("2017%", "perhaps about 2017", "quizá hacia 2017"),
        ("199X", "the 1990s", "los años 1990"),
        ("2017-XX", "2017", "2017"),
        ("2017-03-XX", "March 2017", "marzo de 2017"),
        ("2017-21", "spring 2017", "primavera de 2017"),
        ("1990/1999", "1990 to 1999", "entre 1990 y 1999"),
        ("2016-10/..", "since October 2016", "desde octubre de 2016"),
        ("2016-10-04/", "from Oct. 4, 2016, end not known", "desde el 4 de octubre de 2016, término desconocido"),
        ("../2014", "until 2014", "hasta 2014"),
        ("/2014~", "until about 2014", "hasta hacia 2014"),
        ("../..", "at all times", "en todo momento"),
        ("", "", ""),
        ("0099", "0099", "0099"),
    ],
)
def test_partial_dates_are_put_in_words(edtf, english, spanish):
    with translation.override("en"):
        assert readable.period(edtf) == english
    with translation.override("es"):
        assert readable.period(edtf) == spanish


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(periods())
def test_every_period_can_be_put_in_words(written):
    with translation.override("es"):
        assert readable.period(written.text)
