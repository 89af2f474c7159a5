"""How claims and dates read: a claim as records and words in their order, a date of EDTF as people say it."""

from datetime import date
from functools import singledispatch
from typing import Any

from django.utils.translation import gettext

from crimewatch.citations.models import Citation, Claim, Estimate
from crimewatch.records.models import Record


@singledispatch
def sentence(claim: Claim, seen_from: Record | None = None) -> list[Record | str]:  # noqa: ARG001 - others need it
    """What ``claim`` says: records and words in the order in which they are read. Each app tells it of its claims.

    ``seen_from`` is the record on whose page it stands: a relation then reads from that record's side.
    """
    return [str(claim)]


@sentence.register
def _citation(claim: Citation, _seen_from: Record | None = None) -> list[Record | str]:
    return [claim.subject_record, "·", claim.statement]


@sentence.register
def _estimate(claim: Estimate, _seen_from: Record | None = None) -> list[Record | str]:
    return [*measured(claim), "·", claim.indicator, "·", claim.value_in_words()]


def measured(claim: Estimate) -> list[Record | str]:
    """What a figure is about: its subject and, where it measures one, the activity."""
    activity = getattr(claim, "activity", None)
    return [claim.subject_record, "·", activity] if activity else [claim.subject_record]


def span_in_words(begins: date | None, ends: date | None, *, goes_on: bool) -> str:
    """The years that claims cover together: ``1980 to 2017``, ``since 1980``; empty where none has a date."""
    years = {"start": begins and begins.year, "end": ends and ends.year}
    if goes_on:
        return gettext("since %(start)s") % years if begins else gettext("at all times")
    if begins and ends:
        return str(begins.year) if begins.year == ends.year else gettext("%(start)s to %(end)s") % years
    if begins:
        return gettext("from %(start)s, end not known") % years
    return gettext("until %(end)s") % years if ends else ""


def opening_words(words: list[Record | str], record: Any) -> list[Record | str]:
    """``words`` without the record that the page is about, where it stands before them as a heading does."""
    return words[2:] if words[:2] == [record, "·"] else words
