"""Dates of EDTF as a drawing has them: from when to when, and how each end is known."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from crimewatch.records import edtf

#: How an end is drawn.
EXACT, APPROXIMATE, UNCERTAIN, BOTH, OPEN, UNKNOWN = "exact", "approximate", "uncertain", "both", "open", "unknown"


class Span(NamedTuple):
    """The days of a claim on a line of time, in milliseconds since 1970 as scripts count them, by UTC.

    ``start`` and ``end`` are None where the period is open or its end unknown; ``end`` is the moment after the last
    day. ``start_is`` and ``end_is`` say how that end is known. Between ``start`` and ``surely_from``, and between
    ``surely_until`` and ``end``, the period may have begun or ended (``199X/2005``). Where one end is not known,
    these two bound the date of the other. Where the whole is one date of which digits are missing, ``is_somewhere``
    says that it lies in there and does not fill it.
    """

    start: int | None
    end: int | None
    start_is: str
    end_is: str
    surely_from: int | None
    surely_until: int | None
    is_day: bool
    is_somewhere: bool

    def as_data(self) -> dict[str, Any]:
        """For a script: only what is not as usual. A moment may be 0: midnight before the year 1970."""
        told = self._asdict().items()
        return {name: value for name, value in told if value is not None and value is not False and value != EXACT}


def span_of(text: str) -> Span | None:
    """The span of an EDTF date or interval; None where there is none."""
    if not text:
        return None
    period = edtf.parse(text)
    start, end = period.start, period.end
    is_somewhere = not period.is_interval and "X" in text
    return Span(
        start=moment(start.earliest) if start else None,
        end=moment(end.latest, days=1) if end else None,
        start_is=known(start, is_open=period.start_is_open),
        end_is=known(end, is_open=period.end_is_open),
        surely_from=surely_from(period),
        surely_until=surely_until(period),
        is_day=not period.is_interval and start is not None and start.earliest == start.latest,
        is_somewhere=is_somewhere,
    )


def surely_from(period: edtf.Period) -> int | None:
    if period.start_is_unknown and period.end:
        return moment(period.end.earliest)
    vague = period.is_interval and period.start and "X" in period.start.text
    return moment(period.start.latest, days=1) if vague and period.start else None


def surely_until(period: edtf.Period) -> int | None:
    if period.end_is_unknown and period.start:
        return moment(period.start.latest, days=1)
    vague = period.is_interval and period.end and "X" in period.end.text
    return moment(period.end.earliest) if vague and period.end else None


def known(side: edtf.PartialDate | None, *, is_open: bool) -> str:
    """How one end of a period is known."""
    if side is None:
        return OPEN if is_open else UNKNOWN
    if side.is_approximate and side.is_uncertain:
        return BOTH
    return APPROXIMATE if side.is_approximate else UNCERTAIN if side.is_uncertain else EXACT


def moment(day: date, days: int = 0) -> int:
    """Midnight at the beginning of ``day``, or so many ``days`` later, in milliseconds since 1970."""
    then = datetime.combine(day + timedelta(days=days), time(), tzinfo=UTC)
    return int(then.timestamp()) * 1000
