"""Whether what a source says can still be looked up."""

from typing import TYPE_CHECKING, Any

from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Source
from crimewatch.curation.quality.models import DEAD, LinkCheck, LinkOutcome

from .base import Check, worked_on

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class NoCopy(Check):
    name = "no-copy"
    title = _("Sources of which no copy would be left")
    sentence = _("They have an address, but neither an archived copy nor the file or the full text: keep one of these.")

    def models(self) -> list[Any]:
        return [Source]

    def found(self, model: Any, user: "Viewer") -> Any:
        return worked_on(model, user).exclude(url="").filter(archive_url="", full_text="", file="")

    def detail(self, row: Any) -> str:
        return str(row.url)


class DeadLinks(Check):
    name = "dead-links"
    title = _("Sources whose address leads nowhere")
    sentence = _("When the command check_links last asked for it, the page was gone or could not be reached.")

    def models(self) -> list[Any]:
        return [Source]

    def found(self, model: Any, user: "Viewer") -> Any:
        latest = LinkCheck.objects.latest_of_source().values("outcome")[:1]
        return worked_on(model, user).exclude(url="").alias(last_outcome=Subquery(latest)).filter(last_outcome__in=DEAD)

    def dressed(self, rows: Any, _user: "Viewer") -> Any:
        latest = LinkCheck.objects.latest_of_source()
        return rows.annotate(
            last_outcome=Subquery(latest.values("outcome")[:1]), last_answer=Subquery(latest.values("detail")[:1])
        )

    def detail(self, row: Any) -> str:
        words = [row.url, LinkOutcome(row.last_outcome).label, row.last_answer]
        return " · ".join(str(word) for word in words if word)
