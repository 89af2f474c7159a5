"""Numbers as people read them, in the way of their language. What programs read has plain ones."""

from decimal import Decimal

from django.utils.formats import number_format


def number(value: Decimal | int) -> str:
    """``55000.0000`` as ``55,000`` in English and ``55 000`` in Spanish, without the zeros that say nothing."""
    return number_format(value.normalize() if isinstance(value, Decimal) else value, force_grouping=True)
