"""Pages that span all records: the start page and search."""

from typing import Any

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from crimewatch.explorer.kinds import record_kinds
from crimewatch.explorer.overview import CLAIMS_COUNTED, Overview, overview_of
from crimewatch.explorer.search import (
    CLAIMS,
    CLAIMS_OF_A_PAGE,
    HITS_OF_A_KIND,
    HITS_OF_A_PAGE,
    LAST_PAGE,
    Found,
    SearchForm,
    mark,
    search_claims,
    search_records,
)
from crimewatch.records.access import VisibleMixin
from crimewatch.records.kept import kept


class HomeView(VisibleMixin, TemplateView):
    """What the database holds, what changed lately, and what waits for work."""

    template_name = "explorer/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        overview = kept(self.request.user, "overview", overview_of) or Overview(self.request.user)
        return super().get_context_data(**kwargs, overview=overview, claims_counted=CLAIMS_COUNTED, query="")


class SearchView(VisibleMixin, TemplateView):
    """What matches some words: the best of every kind or, of one kind, page by page."""

    template_name = "explorer/search.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = SearchForm(self.request.GET)
        form.is_valid()
        text = form.cleaned_data.get("q", "")
        kind = form.cleaned_data.get("kind", "")
        page = form.cleaned_data.get("page") or 1
        problems = [str(error) for errors in form.errors.values() for error in errors]
        if text and kind:
            found, page = self.page_of(text, kind, page, problems)
        else:
            found = self.best_of_all(text) if text else []
        mark(found, text)
        pages = (found[0].total - 1) // page_size(kind) + 1 if kind and found else 1
        return super().get_context_data(
            **kwargs,
            search_text=text or self.request.GET.get("q", "")[:LONGEST_ECHO],
            asked=bool(text),
            kind=kind,
            found=found,
            problems=problems,
            page=page,
            pages=min(pages, LAST_PAGE),
        )

    def best_of_all(self, text: str) -> list[Found]:
        """The best few of every kind, records before claims."""
        user = self.request.user
        found = search_records(text, user, list(record_kinds()), 0, HITS_OF_A_KIND)
        claims = search_claims(text, user, 0, HITS_OF_A_KIND)
        return [*found, claims] if claims else found

    def page_of(self, text: str, kind: str, page: int, problems: list[str]) -> tuple[list[Found], int]:
        """A page of one kind, and its number: the first where there are fewer pages, and a sentence that says so."""
        found = self.hits_of(text, kind, page)
        if page > 1 and not any(group.hits for group in found):
            problems.append(_("There is no page %(page)d: the first is shown.") % {"page": page})
            return self.hits_of(text, kind, 1), 1
        return found, page

    def hits_of(self, text: str, kind: str, page: int) -> list[Found]:
        start, stop = (page - 1) * page_size(kind), page * page_size(kind)
        if kind != CLAIMS:
            return search_records(text, self.request.user, [kind], start, stop)
        claims = search_claims(text, self.request.user, start, stop)
        return [claims] if claims else []


#: As much of a refused search is shown again for mending.
LONGEST_ECHO = 200


def page_size(kind: str) -> int:
    return CLAIMS_OF_A_PAGE if kind == CLAIMS else HITS_OF_A_PAGE
