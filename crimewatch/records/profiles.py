"""The page of one record: what it is, where it lies, and what is said where there is nothing to show."""

import re
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode

from django.db import models
from django.db.models import Value
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import DetailView

from crimewatch.records.access import AnsweredMixin
from crimewatch.records.models import Record, Status
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.workflow import standings

#: How many other records a line names at most, and how many a page that found nothing proposes.
NAMED = 60
PROPOSED = 5

#: So many letters stand beside other facts.
LINE = 90

#: What every record has, which the page shows in places of its own or not at all.
SHOWN_ELSEWHERE = frozenset(field.name for field in Record._meta.get_fields()) | {"id", "parent", "search_key"}


class Piece(NamedTuple):
    """Some words, with the address that they lead to."""

    text: str
    address: str = ""


class Fact(NamedTuple):
    """One line on what a record is. ``more`` is how many records there are besides those named."""

    label: str
    pieces: list[Piece]
    more: int = 0

    @property
    def number(self) -> int:
        """How many records the line is about."""
        return len(self.pieces) + self.more

    @property
    def is_long(self) -> bool:
        """Whether it takes the whole width of the page."""
        return sum(len(piece.text) for piece in self.pieces) > LINE


class Told(NamedTuple):
    """What the page of a record says to all who see the same, whoever they are."""

    #: What the record lies in, the widest first.
    places: list[Piece]
    #: Its first screen and what follows, as HTML.
    first: str
    rest: str
    has_map: bool


def link(record: Record) -> Piece:
    """The name of ``record``, leading to its page; only for records that the viewer may see."""
    return Piece(record.name, record.get_absolute_url())


def merge_address(record: Record) -> str:
    """The page on which one says what is to be merged with ``record``."""
    query = urlencode({"stays": f"{record._meta.model_name}/{record.slug}"}, safe="/")
    return f"{reverse('curation:merge')}?{query}"


def withdrawal(record: Record) -> dict[str, Any]:
    """Since when ``record`` is withdrawn, and why, as far as somebody has told; one query."""
    standing = standings(type(record), [record.pk]).get(record.pk)
    return {"since": standing.since if standing else record.updated_at, "why": standing.reason if standing else ""}


class RecordDetailView(AnsweredMixin, DetailView):
    """One record by its key, for those who may see it.

    A past key leads on to the present one. Who may not see a record gets the same page as if there were none.
    """

    model: type[Record]
    object: Any
    template_name = "site/profile.html"
    #: What is made once for all who see the same: what stands on the first screen, and what follows.
    first_template_name: ClassVar[str] = "site/_first.html"
    rest_template_name: ClassVar[str]
    context_object_name = "record"
    #: The field whose word says what the record is; empty where the kind of record says it all.
    kind_field: ClassVar[str] = ""
    #: Fields of the record that are not for its page.
    left_out: ClassVar[frozenset[str]] = frozenset()
    #: Names of relations to other records that the page lists, each with its heading.
    related: ClassVar[dict[str, Any]] = {}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponseBase:  # type: ignore[override]  # a file, or the page
        slug = slug.replace("\x00", "")
        self.object = self.get_queryset().filter(slug=slug).first()
        if self.object is None:
            return self.elsewhere(slug)
        return self.file() or self.render_to_response(self.get_context_data(object=self.object))

    def file(self) -> HttpResponseBase | None:
        """What the address asks for that is no page; None where it asks for the page."""
        return None

    def elsewhere(self, slug: str) -> HttpResponse:
        """The answer where no record that the viewer may see has this key."""
        withdrawn = self.model.objects.open_to(self.viewer).filter(status=Status.WITHDRAWN)
        gone = withdrawn.filter(slug=slug).first()
        if gone is None:
            moved = self.get_queryset().filter(past_slugs__contains=[slug]).first()
            if moved is not None:
                return HttpResponsePermanentRedirect(moved.get_absolute_url())
            gone = withdrawn.filter(past_slugs__contains=[slug]).first()
        if gone is not None:
            told = {"list_address": self.list_address(), "kinds": self.model._meta.verbose_name_plural}
            return render(self.request, "site/withdrawn.html", {**told, **withdrawal(gone)}, status=410)
        words = re.sub(r"[\W_]+", " ", slug)[:100]
        near = [link(record) for record in self.visible(self.model).search(words)[:PROPOSED]] if words.strip() else []
        context = {"near": near, "list_address": self.list_address(), "kinds": self.model._meta.verbose_name_plural}
        return render(self.request, "site/no_such_record.html", context, status=404)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options = self.model._meta
        change = f"{options.app_label}.change_{options.model_name}"
        may_edit = self.request.user.is_staff and self.request.user.has_perm(change)
        return super().get_context_data(
            **kwargs,
            kinds=capfirst(str(options.verbose_name_plural)),
            list_address=self.list_address(),
            told=self.answers.to(self.question(), self.told),
            withdrawn=withdrawal(self.object) if self.object.status == Status.WITHDRAWN else None,
            desk_address=reverse("curation:step", args=[options.model_name, self.object.pk])
            if self.shows_status
            else "",
            gathered_address=reverse("collections:row", args=[options.model_name, self.object.pk])
            if self.request.user.is_authenticated
            else "",
            history_address=reverse("curation:record_history", args=[options.model_name, self.object.slug])
            if self.shows_status
            else "",
            merge_address=merge_address(self.object)
            if may_edit and self.request.user.has_perm(f"{options.app_label}.delete_{options.model_name}")
            else "",
            edit_address=reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[self.object.pk])
            if may_edit
            else "",
        )

    @property
    def shows_status(self) -> bool:
        """Whether the visitor works on this kind of record."""
        return sees_drafts(self.request.user, self.model)

    def question(self) -> tuple[Any, ...]:
        """What tells the page from all others that are the same for the viewer and all who see what they see."""
        return type(self), self.object.pk, self.request.get_host(), self.request.scheme

    def told(self) -> Told:
        """The page but for what is the visitor's own; asked in the name of all who see the same."""
        context = self.told_in_words()
        return Told(
            [link(above) for above in self.ancestors()],
            render_to_string(self.first_template_name, context),
            render_to_string(self.rest_template_name, context),
            has_map=bool(context.get("map_address")),
        )

    def told_in_words(self) -> dict[str, Any]:
        """What the page says to all who see the same: what its templates show besides what depends on who asks."""
        return {
            "record": self.object,
            "kind": capfirst(str(self.model._meta.verbose_name)),
            "what": getattr(self.object, f"get_{self.kind_field}_display")() if self.kind_field else "",
            "facts": [*self.own_facts(), *self.related_facts()],
            "shows_status": self.shows_status,
        }

    def list_address(self) -> str:
        return reverse(f"{self.model._meta.app_label}:{self.model._meta.model_name}_list")

    def ancestors(self) -> list[Record]:
        """What the record lies in, the widest first; what the viewer may not see is left out."""
        nearest = getattr(self.object, "parent_id", None)
        if nearest is None:
            return []
        table = self.model._meta.db_table
        above = f"""
            WITH RECURSIVE above (id, parent_id) AS (
                SELECT id, parent_id FROM {table} WHERE id = %s
                UNION
                SELECT upper.id, upper.parent_id FROM above JOIN {table} AS upper ON upper.id = above.parent_id
            )
            SELECT id FROM above
        """
        rows = self.model._default_manager.filter(pk__in=RawSQL(above, [nearest])).order_by()  # noqa: S611
        parents = dict(rows.values_list("pk", "parent_id"))  # type: ignore[misc]  # only kinds with a parent come here
        seen = self.visible(self.model).in_bulk(list(parents))
        path: list[Record] = []
        while nearest in parents:
            if nearest in seen:
                path.insert(0, seen[nearest])
            nearest = parents.pop(nearest)
        return path

    def own_facts(self) -> list[Fact]:
        """The record's own fields, those that say something."""
        facts = []
        for field in self.model._meta.concrete_fields:
            if field.name in SHOWN_ELSEWHERE | self.left_out | {self.kind_field} or field.generated:
                continue
            if pieces := self.pieces_of(field):
                facts.append(Fact(capfirst(str(field.verbose_name)), pieces))
        return facts

    def pieces_of(self, field: Any) -> list[Piece]:
        value = getattr(self.object, field.attname)
        if value in (None, "", False, []):
            return []
        if isinstance(field, models.ForeignKey):
            return [link(record) for record in self.visible(field.related_model).filter(pk=value)]  # type: ignore[arg-type]
        if isinstance(value, list):
            return [Piece(each) for each in value]
        if field.choices:
            value = getattr(self.object, f"get_{field.name}_display")()
        elif isinstance(field, models.DecimalField):
            value = f"{value.normalize():f}"
        elif value is True:
            value = _("yes")
        # An address that came by SQL may be anything.
        leads_on = isinstance(field, models.URLField) and value.startswith(("https://", "http://"))
        return [Piece(str(value), value if leads_on else "")]

    def related_facts(self) -> list[Fact]:
        """Other records that this one is tied to, those that the viewer may see; all of them in one query."""
        ties = {name: getattr(self.object, name).visible_to(self.viewer) for name in self.related}
        parts = [
            records.values_list(Value(name, output_field=models.TextField()), "slug", "name")[: NAMED + 1]
            for name, records in ties.items()
        ]
        found: dict[str, list[Record]] = {name: [] for name in ties}
        # The database keeps the order of each part.
        for name, slug, called in parts[0].union(*parts[1:], all=True) if parts else ():
            found[name].append(ties[name].model(slug=slug, name=called))
        facts = []
        for name, label in self.related.items():
            if found[name]:
                more = ties[name].count() - NAMED if len(found[name]) > NAMED else 0
                facts.append(Fact(str(label), [link(record) for record in found[name][:NAMED]], more))
        return facts
