"""Pages that span all records: the start page and search."""

from typing import Any, NamedTuple

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
from crimewatch.records.access import AnsweredMixin, VisibleMixin
from crimewatch.records.kept import kept


class HomeView(VisibleMixin, TemplateView):
    """What the database holds, what changed lately, and what waits for work."""

    template_name = "explorer/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        overview = kept(self.request.user, "overview", overview_of) or Overview(self.request.user)
        return super().get_context_data(**kwargs, overview=overview, claims_counted=CLAIMS_COUNTED, query="")


class Results(NamedTuple):
    """What is on a page of results, which page that is, and what is to be said of it."""

    found: list[Found]
    page: int
    problems: list[str]


class SearchView(AnsweredMixin, TemplateView):
    """What matches some words: the best of every kind or, of one kind, page by page."""

    template_name = "explorer/search.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = SearchForm(self.request.GET)
        form.is_valid()
        text = form.cleaned_data.get("q", "")
        kind = form.cleaned_data.get("kind", "")
        page = form.cleaned_data.get("page") or 1
        problems = [str(error) for errors in form.errors.values() for error in errors]
        results = self.results(text, kind, page) if text else Results([], page, [])
        pages = (results.found[0].total - 1) // page_size(kind) + 1 if kind and results.found else 1
        return super().get_context_data(
            **kwargs,
            search_text=text or self.request.GET.get("q", "")[:LONGEST_ECHO],
            asked=bool(text),
            kind=kind,
            found=results.found,
            problems=[*problems, *results.problems],
            page=results.page,
            pages=min(pages, LAST_PAGE),
        )

    def results(self, text: str, kind: str, page: int) -> Results:
        """The best of every kind, or a page of one; where there are fewer pages the first, and a sentence on it."""

        def find() -> Results:
            number, problems = page, []
            found = self.hits_of(text, kind, page) if kind else self.best_of_all(text)
            if kind and page > 1 and not any(group.hits for group in found):
                problems = [_("There is no page %(page)d: the first is shown.") % {"page": page}]
                number, found = 1, self.hits_of(text, kind, 1)
            mark(found, text)
            return Results(found, number, problems)

        return self.answers.to((type(self), text, kind, page), find)

    def best_of_all(self, text: str) -> list[Found]:
        """The best few of every kind, records before claims."""
        found = search_records(text, self.viewer, list(record_kinds()), 0, HITS_OF_A_KIND)
        claims = search_claims(text, self.viewer, 0, HITS_OF_A_KIND)
        return [*found, claims] if claims else found

    def hits_of(self, text: str, kind: str, page: int) -> list[Found]:
        start, stop = (page - 1) * page_size(kind), page * page_size(kind)
        if kind != CLAIMS:
            return search_records(text, self.viewer, [kind], start, stop)
        claims = search_claims(text, self.viewer, start, stop)
        return [claims] if claims else []


#: As much of a refused search is shown again for mending.
LONGEST_ECHO = 200


def page_size(kind: str) -> int:
    return CLAIMS_OF_A_PAGE if kind == CLAIMS else HITS_OF_A_PAGE
