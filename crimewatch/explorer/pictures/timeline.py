"""What happened when: dated claims on a line of time."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_tables2 as tables
from django.apps import apps
from django.utils.functional import cached_property
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from actors.models import Involvement, Membership, Presence, Relation
from crimewatch.citations.models import Citation, Claim, Credibility, Estimate, Stance, Wording
from crimewatch.citations.profiles import FILTERS, in_words
from crimewatch.explorer.filters import ClaimFilterSet, OptionFilter
from crimewatch.explorer.lists import ClaimList
from crimewatch.explorer.pictures.base import PictureView
from crimewatch.explorer.pictures.spans import span_of
from crimewatch.explorer.querysets import rows_of_all
from crimewatch.explorer.tables import KINDS, ClaimTable
from crimewatch.records import readable
from programs.models import Appointment, Assessment, Milestone, Target
from regions.models import Occurrence, RouteLeg

#: How many claims are drawn, and how many of each kind they are chosen from: the newest.
MOST_DRAWN = 600
NEWEST_OF_A_KIND = 300

#: How much of a claim's words is shown.
LONGEST_WORDS = 160

#: How many claims are named where one mark stands for several, and how much of each.
NAMED_IN_TIP = 6
LONGEST_LINE = 70

#: Up to so many claims stand on a line each, with their words beside them.
MOST_IN_WORDS = 80

#: Kinds of claims that share a colour, in the order of the legend; the rest are figures and words.
FAMILIES: dict[str, tuple[Any, tuple[type[Claim], ...]]] = {
    "places": (_("groups in places"), (Presence,)),
    "activities": (_("activities"), (Occurrence, Involvement)),
    "ties": (_("ties, memberships, posts"), (Relation, Membership, Appointment)),
    "routes": (_("routes"), (RouteLeg,)),
    "responses": (_("state responses"), (Milestone, Target, Assessment)),
    "figures": (_("figures"), (Estimate,)),
    "words": (_("other statements"), (Citation,)),
}


class TimelineFilterSet(ClaimFilterSet):
    """Claims that have a date."""

    by = OptionFilter(
        label=_("lines by"),
        choices=[("record", _("record")), ("kind", _("kind of claim"))],
        usual="record",
    )

    class Meta(ClaimFilterSet.Meta):
        pass

    def newest(self, of_each_kind: int) -> Any:
        """So many of the newest claims of each kind, in one query."""
        return rows_of_all(
            claims.model.objects.filter(pk__in=claims.order_by("-pk").values("pk")[:of_each_kind])
            for claims in self.parts(self.given, few=True)
        )

    def _part(self, model: type[Claim], given: Mapping[str, Any], *, few: bool = False) -> Any:
        return super()._part(model, given, few=few).exclude(when="")


class TimelineTable(ClaimTable):
    """Dated claims, with the first and the last day that each may cover."""

    begins = tables.Column(_("first day"), accessor="period", order_by="period")
    ends = tables.Column(_("last day"), accessor="period", orderable=False)

    shown = ("when", "subject", "kind", "says", "source", "locator", "wording", "credibility")

    class Meta(ClaimTable.Meta):
        sequence = ("when", "subject", "kind", "...")

    def render_begins(self, value: Any) -> str:
        return value.lower.isoformat() if value.lower else ""

    def render_ends(self, value: Any) -> str:
        # A range of days ends before its upper bound.
        return day_before(value.upper).isoformat() if value.upper else ""


class TimelineView(PictureView, ClaimList):
    """Events as marks and periods as bars, each as certain as its source has it."""

    title = _("Time line")
    name = "timeline"
    filterset_class = TimelineFilterSet
    filterset: TimelineFilterSet
    table_class = TimelineTable
    script = "explorer/pictures/timeline.js"
    usual_order = "period"
    may_be_empty = ()  # every claim on it has a date

    @cached_property
    def count(self) -> int:
        return super().count if self.maker is self else self.maker.count

    @cached_property
    def drawn(self) -> list[dict[str, Any]]:
        """The claims that are drawn: the most credible among the newest of each kind."""
        rows = self.filterset.newest(NEWEST_OF_A_KIND).order_by("credibility", "-created_at", "uid")
        return list(rows[:MOST_DRAWN])

    def chart(self) -> dict[str, Any]:
        lanes: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in self.drawn:
            key, lane = self.lane_of(row)
            lanes.setdefault(key, {**lane, "rows": []})["rows"].append(row)
        in_words = len(self.drawn) <= MOST_IN_WORDS
        for lane in lanes.values():
            rows = lane.pop("rows")
            lane["marks"] = [self.mark_of(row) for row in rows] if in_words else self.merged(rows)
        used = {mark["family"] for lane in lanes.values() for mark in lane["marks"]}
        return {
            "lanes": sorted(lanes.values(), key=lambda lane: min(begin_of(mark) for mark in lane["marks"])),
            "families": {name: str(text) for name, (text, _models) in FAMILIES.items() if name in used},
            "colours": list(FAMILIES),
            "inWords": in_words,
            "words": {
                "day": gettext("a day"),
                "period": gettext("a period"),
                "somewhere": gettext("some time within"),
                "about": gettext("about so"),
                "perhaps": gettext("perhaps"),
                "open": gettext("goes on"),
                "unknown": gettext("end not known"),
                "denied": gettext("denied"),
                "move": gettext("Drag to move; turn the wheel with Ctrl to look closer."),
            },
        }

    def lane_of(self, row: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The line on which a claim is drawn: what tells it from others, and what the script needs of it."""
        if self.filterset.form.cleaned_data["by"] == "kind":
            name = capfirst(str(KINDS[row["claim_type"]]._meta.verbose_name_plural))
            return (row["claim_type"],), {"name": name, "address": self.address(kind=row["claim_type"])}
        key = (row["subject_type"], row["subject_pk"])
        return key, {"name": row["subject_name"], "address": subject_of(row).get_absolute_url()}

    def merged(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Marks for the claims of one line: one for all that are of one colour and of the very same date.

        It leads to the claim or, where it stands for several, to these alone.
        """
        same: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in rows:
            is_denied = row["stance"] == Stance.DISPUTES
            same.setdefault((family_of(KINDS[row["claim_type"]]), row["when"], is_denied), []).append(row)
        marks = []
        for (_family, when, _is_denied), found in same.items():
            mark = self.mark_of(found[0])
            if len(found) > 1:
                more = [Truncator(row["says"] or "").chars(LONGEST_LINE) for row in found[:NAMED_IN_TIP]]
                title = ngettext("%(n)s claim", "%(n)s claims", len(found)) % {"n": len(found)}
                mark["count"] = len(found)
                mark["tip"] = "\n".join(
                    [f"{title} · {in_words(when)}", *more, *(["…"] if len(found) > len(more) else [])]
                )
                mark["address"] = self.address_of_these(found, when)
            marks.append(mark)
        return marks

    def address_of_these(self, rows: list[dict[str, Any]], when: str) -> str:
        """The time line of what ``rows`` have in common: their kind, what they are about, their date."""
        common = {"during": when}
        kinds = {row["claim_type"] for row in rows}
        if len(kinds) == 1:
            common["kind"] = kinds.pop()
        subjects = {(row["subject_type"].partition(".")[2], row["subject_slug"]) for row in rows}
        if len(subjects) == 1:
            kind, slug = subjects.pop()
            if kind in FILTERS:
                common[FILTERS[kind]] = slug
        return self.address(**common)

    def mark_of(self, row: dict[str, Any]) -> dict[str, Any]:
        """A claim as the script draws it: when, of what colour, what it says and where it leads."""
        span = span_of(row["when"])
        says = Truncator(row["says"] or "").chars(LONGEST_WORDS)
        is_by_kind = self.filterset.form.cleaned_data["by"] == "kind"
        grades = (Wording(row["wording"]).label, Credibility(row["credibility"]).label, Stance(row["stance"]).label)
        return {
            **(span.as_data() if span else {}),
            "family": family_of(KINDS[row["claim_type"]]),
            "words": f"{row['subject_name']} · {says}" if is_by_kind else says,
            **({"denied": True} if row["stance"] == Stance.DISPUTES else {}),
            "address": f"{subject_of(row).get_absolute_url()}#claim-{row['uid']}",
            "tip": "\n".join(
                [
                    f"{row['subject_name']} · {says}",
                    in_words(row["when"]),
                    " · ".join(map(str, grades)),
                    row["source_name"],
                ]
            ),
        }

    def description(self) -> list[str]:
        if not self.drawn:
            return []
        periods = [row["period"] for row in self.drawn]
        first = min((period.lower for period in periods if period.lower), default=None)
        last = max((period.upper for period in periods if period.upper), default=None)
        count = min(self.count, self.most_counted)
        sentences = [
            ngettext("%(n)s claim has a date.", "%(n)s claims have a date.", count) % {"n": readable.number(count)}
            if self.count <= self.most_counted
            else gettext("More than %(n)s claims have a date.") % {"n": readable.number(count)}
        ]
        if len(self.drawn) < self.count:
            sentences.append(
                ngettext(
                    "Drawn is %(n)s of them, the most credible of the newest.",
                    "Drawn are %(n)s of them, the most credible of the newest.",
                    len(self.drawn),
                )
                % {"n": len(self.drawn)}
            )
        if first and last:
            sentences.append(
                gettext("What is drawn lies between %(first)s and %(last)s.")
                % {"first": first.isoformat(), "last": day_before(last).isoformat()}
            )
        goes_on = sum(row["when"].endswith("/..") for row in self.drawn)
        if goes_on:
            sentences.append(
                ngettext("%(n)s goes on to this day.", "%(n)s go on to this day.", goes_on) % {"n": goes_on}
            )
        return sentences


def subject_of(row: dict[str, Any]) -> Any:
    """The record that a claim in a list belongs to, as far as its address needs it."""
    return apps.get_model(row["subject_type"])(pk=row["subject_pk"], slug=row["subject_slug"])


def family_of(model: type[Claim]) -> str:
    """The family of a kind of claim; one that nobody has put into any stands among the other statements."""
    return next((name for name, (_text, models) in FAMILIES.items() if issubclass(model, models)), "words")


def begin_of(mark: dict[str, Any]) -> float:
    """Where a mark begins; what has always been so begins first."""
    return mark.get("start", float("-inf"))


def day_before(day: date) -> date:
    return day - timedelta(days=1)
