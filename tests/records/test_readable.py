"""Numbers and dates are written as the reader's language has them."""

from decimal import Decimal

import pytest
from django.utils import translation

from crimewatch.records import readable


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
