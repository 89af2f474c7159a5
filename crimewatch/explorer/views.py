"""Pages that span all records: the start page and search."""

from django.views.generic import TemplateView

from crimewatch.records.access import VisibleMixin


class HomeView(VisibleMixin, TemplateView):
    """What the database holds."""

    template_name = "explorer/home.html"


class SearchView(VisibleMixin, TemplateView):
    """What matches some words."""

    template_name = "explorer/search.html"
