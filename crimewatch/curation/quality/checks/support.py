"""Whether there are claims, from sources that are independent of one another, and how far they are worked through."""

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.independence import numbers_of_independent
from crimewatch.citations.models import Estimate, Source
from crimewatch.records.models import Status

from .base import Check, as_sql, claim_models, claims_naming, record_models, united, worked_on

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class Uncited(Check):
    name = "uncited"
    title = _("Records without a claim")
    sentence = _("No claim speaks about them: find a source, or withdraw them.")

    def models(self) -> list[Any]:
        return record_models()

    def found(self, model: Any, user: "Viewer") -> Any:
        rows = worked_on(model, user)
        for name, claims in claims_naming(model, user):
            rows = rows.filter(~Exists(claims.filter(**{name: OuterRef("pk")})))
        return rows

    def list_address(self, model: Any) -> str:
        return reverse(f"{model._meta.app_label}:{model._meta.model_name}_list") + "?support=uncited"


class Published(Check):
    """Published records by their sources. A source is not itself held up by sources."""

    def models(self) -> list[Any]:
        return [model for model in record_models() if model is not Source]

    def found(self, model: Any, user: "Viewer") -> Any:
        published = worked_on(model, user).filter(status=Status.PUBLISHED)
        parts = [
            claims.filter(**{f"{name}__in": published.values("pk")}).values_list(f"{name}_id", "source_id")
            for name, claims in claims_naming(model, user)
        ]
        sql, parameters = as_sql(united(parts))
        return published.filter(self.condition(sql, parameters)) if sql else published.none()

    def condition(self, mentions: str, parameters: tuple[Any, ...]) -> Q:
        """What holds of the records, given SQL for a row of record and source for each claim."""
        raise NotImplementedError


class OneSource(Published):
    name = "one-source"
    title = _("Published with one source only")
    sentence = _("All that is said of them comes from a single document: look for a second one.")

    def condition(self, mentions: str, parameters: tuple[Any, ...]) -> Q:
        few = (
            f"SELECT record FROM ({mentions}) AS mention (record, source)"
            " GROUP BY record HAVING count(DISTINCT source) = 1"
        )
        return Q(pk__in=RawSQL(few, parameters))  # noqa: S611 - the SQL is Django's own; values are parameters

    def list_address(self, model: Any) -> str:
        address = reverse(f"{model._meta.app_label}:{model._meta.model_name}_list")
        return f"{address}?status=published&sources=!2"


class DependentSources(Published):
    name = "dependent-sources"
    title = _("Published with sources that are not independent")
    sentence = _("They have several sources, but these share a publisher or an author, and so count as one.")

    def condition(self, mentions: str, parameters: tuple[Any, ...]) -> Q:
        numbers = numbers_of_independent(mentions, parameters, 2)
        return Q(pk__in=[record for record, number in numbers.items() if number < 2])


class Rivals(Check):
    name = "rivals"
    title = _("Rival figures that are not marked as a conflict")
    sentence = _(
        "Another source gives a figure for the same in a period that overlaps, and the two ranges do not touch: "
        "set the status to conflict with a note that says why both stand, or mend the one that is wrong."
    )

    def models(self) -> list[Any]:
        return [model for model in claim_models() if issubclass(model, Estimate)]

    def found(self, model: Any, user: "Viewer") -> Any:
        return worked_on(model, user).with_rivals(user, apart=True).exclude(status="conflict")

    def detail(self, row: Any) -> str:
        return f"{row.when} · {row.source}" if row.when else str(row.source)


class OpenClaims(Check):
    name = "open-claims"
    title = _("Claims that need work or have an issue")
    sentence = _("Somebody has marked them; their notes say what for.")

    def models(self) -> list[Any]:
        return claim_models()

    def found(self, model: Any, user: "Viewer") -> Any:
        return worked_on(model, user).needing_work()

    def detail(self, row: Any) -> str:
        words = str(row.get_status_display())
        return f"{words}: {row.note}" if row.note else words

    def list_address(self, model: Any) -> str:
        return reverse("explorer:claim_list") + f"?kind={model._meta.model_name}&status=work-needed,issue"
