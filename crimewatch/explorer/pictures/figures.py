"""How much: the estimates for one indicator over time, rivals side by side."""

from collections import Counter
from typing import Any

from django.db.models import Count, F
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Credibility, Indicator, Stance, Wording
from crimewatch.citations.profiles import in_words
from crimewatch.explorer.filters import EstimateFilterSet, OptionFilter
from crimewatch.explorer.lists import EstimateList
from crimewatch.explorer.pictures.base import PictureView
from crimewatch.explorer.pictures.spans import span_of
from crimewatch.explorer.pictures.timeline import subject_of
from crimewatch.explorer.querysets import rows_of_all
from crimewatch.explorer.tables import EstimateTable
from crimewatch.records import readable
from crimewatch.records.querysets import together

#: How many figures are drawn, the latest, and of how many subjects, those with most figures.
MOST_DRAWN = 400
MOST_PANELS = 6

#: How many other indicators the description names.
OTHERS_NAMED = 6


class FigureFilterSet(EstimateFilterSet):
    """Figures, and what their colours tell."""

    colour = OptionFilter(
        label=_("colours tell"),
        choices=[("source", _("sources")), ("attributed", _("whom sources name"))],
        usual="source",
    )

    class Meta(EstimateFilterSet.Meta):
        pass

    def counted_by_indicator(self) -> list[tuple[int, int]]:
        """The ids of the indicators that the figures left by the filters measure, with their number, kind by kind."""
        counts = [
            claims.values("indicator_id").annotate(number=Count("pk")).values_list("indicator_id", "number")
            for claims in self.parts(self.given)
        ]
        return list(together(counts)) if counts else []

    def figures_for(self, indicator: Indicator) -> Any:
        measured = (claims.filter(indicator=indicator) for claims in self.parts(self.given))
        return rows_of_all(measured, figures=True)


class FigureTable(EstimateTable):
    """Figures in the order of time."""

    shown = ("subject", "indicator", "low", "best", "high", "unit", "when", "source", "attributed_to", "basis")

    class Meta(EstimateTable.Meta):
        pass


class FiguresView(PictureView, EstimateList):
    """The estimates for one indicator: low, best and high, a colour for each source."""

    title = _("Figures over time")
    name = "figures"
    filterset_class = FigureFilterSet
    filterset: FigureFilterSet
    table_class = FigureTable
    script = "explorer/pictures/figures.js"
    main_filters = ("q", "indicator", "region", "activity", "during")
    usual_order = "period"

    @cached_property
    def count(self) -> int:
        return super().count if self.maker is self else self.maker.count

    @cached_property
    def indicators(self) -> list[Indicator]:
        """What the figures left by the filters measure, that with most figures first."""
        counts: Counter[int] = Counter()
        for key, number in self.filterset.counted_by_indicator():
            counts[key] += number
        found = self.visible(Indicator).defer(*Indicator.heavy_fields).in_bulk(counts)
        return sorted(found.values(), key=lambda each: (-counts[each.pk], each.name_key))

    @cached_property
    def rows_drawn(self) -> list[dict[str, Any]]:
        """The latest figures for the indicator, those without a date last."""
        if not self.indicators:
            return []
        latest = F("period").desc(nulls_last=True)
        return list(self.filterset.figures_for(self.indicators[0]).order_by(latest, "uid")[:MOST_DRAWN])

    @cached_property
    def panels(self) -> list[list[dict[str, Any]]]:
        """The figures that have a date, by what they are about and their unit, those of most figures first."""
        found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in self.rows_drawn:
            if date_of(row):
                found.setdefault((row["subject_type"], row["subject_pk"], row["unit"]), []).append(row)
        return sorted(found.values(), key=lambda rows: (-len(rows), rows[0]["subject_key"]))

    def chart(self) -> dict[str, Any]:
        drawn = self.panels[:MOST_PANELS]
        voices = list(dict.fromkeys(self.voice_of(row) for rows in drawn for row in rows))
        return {
            "voices": voices,
            "panels": [
                {
                    "name": f"{rows[0]['subject_name']} ({rows[0]['unit']})",
                    "figures": self.figures_of(rows, voices),
                }
                for rows in drawn
            ],
            "words": {
                "derived": gettext("derived by us"),
                "open": gettext("at most, at least"),
                "band": gettext("low to high, the line is the best value"),
                "break": gettext("the series breaks here"),
            },
        }

    def voice_of(self, row: dict[str, Any]) -> str:
        """Whose figure it is, as the colours tell it."""
        by_name = self.filterset.form.cleaned_data["colour"] == "attributed"
        return (row["attributed_to"] if by_name else "") or row["source_name"]

    def figures_of(self, rows: list[dict[str, Any]], voices: list[str]) -> list[dict[str, Any]]:
        """Figures for the script, those of one date side by side in the order of their sources."""
        by_date: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: voices.index(self.voice_of(row))):
            by_date.setdefault(date_of(row), []).append(row)
        figures = [
            {**self.figure_of(row, voices), "slot": slot, "slots": len(found)}
            for found in by_date.values()
            for slot, row in enumerate(found)
        ]
        return sorted(figures, key=lambda figure: figure.get("start", float("-inf")))

    def figure_of(self, row: dict[str, Any], voices: list[str]) -> dict[str, Any]:
        span = span_of(date_of(row))
        values = {name: None if row[name] is None else float(row[name]) for name in ("low", "best", "high")}
        marks = [gettext("derived by us")] if row["is_derived"] else []
        marks += [gettext("the series breaks here")] if row["is_series_break"] else []
        return {
            **(span.as_data() if span else {}),
            **values,
            "voice": voices.index(self.voice_of(row)),
            "series": " · ".join([row["source_name"], row["attributed_to"], row["basis"]]),
            "derived": row["is_derived"],
            "break": row["is_series_break"],
            "address": f"{subject_of(row).get_absolute_url()}#claim-{row['uid']}",
            "tip": "\n".join(
                filter(
                    None,
                    [
                        f"{in_plain_words(row)} {row['unit']} · {in_words(date_of(row))}",
                        f"“{row['source_words']}”" if row["source_words"] else "",
                        row["basis"],
                        gettext("according to %(name)s") % {"name": row["attributed_to"]}
                        if row["attributed_to"]
                        else "",
                        row["source_name"],
                        " · ".join(map(str, [Wording(row["wording"]).label, Credibility(row["credibility"]).label])),
                        str(Stance(row["stance"]).label) if row["stance"] != Stance.SUPPORTS else "",
                        *marks,
                    ],
                )
            ),
        }

    def description(self) -> list[str]:
        if not self.indicators:
            return []
        drawn = sum(len(rows) for rows in self.panels[:MOST_PANELS])
        sentences = [
            ngettext(
                "%(n)s figure for the indicator “%(name)s” is drawn.",
                "%(n)s figures for the indicator “%(name)s” are drawn.",
                drawn,
            )
            % {"n": drawn, "name": self.indicators[0].name}
        ]
        sentences += [self.range_of(rows) for rows in self.panels[:MOST_PANELS]]
        undated = sum(not date_of(row) for row in self.rows_drawn)
        if undated:
            sentences.append(
                ngettext(
                    "%(n)s has no date and stands in the table alone.",
                    "%(n)s have no date and stand in the table alone.",
                    undated,
                )
                % {"n": undated}
            )
        if len(self.panels) > MOST_PANELS:
            sentences.append(
                gettext("Only the %(n)s subjects with most figures are drawn; narrow the filters for others.")
                % {"n": MOST_PANELS}
            )
        if len(self.indicators) > 1:
            others = ", ".join(each.slug for each in self.indicators[1 : OTHERS_NAMED + 1])
            sentences.append(gettext("The filter “indicator” draws another: %(keys)s.") % {"keys": others})
        return sentences

    def range_of(self, rows: list[dict[str, Any]]) -> str:
        """What the figures about one subject lie between, and from how many sources they are."""
        values = [row[name] for row in rows for name in ("low", "best", "high") if row[name] is not None]
        sources = len({row["source_pk"] for row in rows})
        sentence = (
            ngettext(
                "%(subject)s: %(low)s %(unit)s, by %(n)s source.",
                "%(subject)s: %(low)s %(unit)s, by %(n)s sources.",
                sources,
            )
            if min(values) == max(values)
            else ngettext(
                "%(subject)s: from %(low)s to %(high)s %(unit)s, by %(n)s source.",
                "%(subject)s: from %(low)s to %(high)s %(unit)s, by %(n)s sources.",
                sources,
            )
        )
        return sentence % {
            "subject": rows[0]["subject_name"],
            "low": readable.number(min(values)),
            "high": readable.number(max(values)),
            "unit": rows[0]["unit"],
            "n": sources,
        }


def date_of(row: dict[str, Any]) -> str:
    """When a figure holds: its date or, where it has none, the day up to which was counted."""
    return str(row["when"] or row["cut_off"])


def in_plain_words(row: dict[str, Any]) -> str:
    """``55,000``, ``120–150``, ``at most 40,441``."""
    low, best, high = (None if row[name] is None else readable.number(row[name]) for name in ("low", "best", "high"))
    if low and high and low != high:
        return f"{low}–{high}" + (f" ({best})" if best else "")
    if best:
        return best
    if low and not high:
        return gettext("at least %(value)s") % {"value": low}
    return low or gettext("at most %(value)s") % {"value": high}
