"""What every picture is made of: filters, a drawing, a description in words, and the same facts as a table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.html import json_script
from django_tables2.utils import A

from crimewatch.explorer.filters import ClaimFilterSet
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.packages import ECHARTS, addresses, not_installed
from crimewatch.explorer.pictures.ways import ways
from crimewatch.records.facets import Counts
from crimewatch.records.kept import Answers, kept
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.views import COUNTED, PAGE_SIZE, ListView, Page

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class Credit(NamedTuple):
    """Whose work is in a picture, under which licence, and where it is."""

    text: Any  # translated when it is shown
    address: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing as a page shows it, whichever page that is: `explorer/pictures/_figure.html`."""

    #: The name under which the script defines how it is drawn; the page's ids begin with it.
    name: str
    title: str
    #: The path of that script among the static files.
    script: str
    #: What the script draws: plain values, lists and dictionaries. It holds all words that the drawing shows.
    chart: dict[str, Any]
    #: What is to be seen, in sentences made from the data.
    description: list[str]
    #: What the script needs besides ECharts, among those that `crimewatch.explorer.packages` serves.
    packages: tuple[str, ...] = ()
    credits: list[Credit] = field(default_factory=list)
    #: Whether it is drawn smaller, as a part of another page.
    is_small: bool = False

    @cached_property
    def scripts(self) -> str:
        """The addresses of all scripts in the order in which they are run; empty where they are not installed."""
        installed = addresses(ECHARTS, *self.packages)
        return " ".join([*installed, staticfiles_storage.url(self.script)]) if installed else ""

    @cached_property
    def data(self) -> str:
        """The block of the page that holds the chart's data: written once for all to whom the picture is shown."""
        return json_script(self.chart, self.data_id)

    @property
    def data_id(self) -> str:
        """The id of the block of the page that holds the chart's data."""
        return f"{self.name}-data"

    @property
    def trouble(self) -> str:
        """Why it cannot be drawn, in a sentence."""
        return "" if self.scripts else not_installed()


class PictureView(ListView):
    """A list that is drawn above its table.

    It has the filters, addresses, refusals and downloads of a list; see there. A concrete one names besides:

    - ``name``: of its address (``explorer:map``), its downloads, and the drawing in its script;
    - ``script``: the static file that calls ``pictures.define(name, draw)``; ``packages`` and ``credits`` if need be;
    - ``chart()``: what that script draws;
    - ``description()``: the same in sentences.

    Where the address makes no sense, neither is called. A filter that leaves out nothing but says how the picture is
    drawn is an `OptionFilter`.

    To draw takes long, so that what readers see is kept for all who see the same until something changes: see
    ``maker``. What the drawing and the facts are made of is therefore the address and who sees it, and nothing else of
    the request.
    """

    template_name = "explorer/pictures/picture.html"
    part_template_name = "explorer/pictures/_picture.html"
    script: ClassVar[str]
    packages: ClassVar[tuple[str, ...]] = ()
    credits: ClassVar[list[Credit]] = []

    def chart(self) -> dict[str, Any]:
        """What the script draws; an element with an ``address`` leads there when it is clicked."""
        raise NotImplementedError

    def description(self) -> list[str]:
        """What the picture shows, in sentences; also what it leaves out."""
        raise NotImplementedError

    @cached_property
    def maker(self) -> Self:
        """The view that makes the picture: this one, or one that has made it already for all who see the same."""
        if self.is_personal:  # it would be made, seen not to be for keeping, and made once more
            return self
        return kept(self.request.user, f"{type(self).__qualname__} {self.address()}", self._seen_by) or self

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.request.user)  # what is asked again is kept with the picture

    def _seen_by(self, user: "Viewer") -> Self:
        """This view as the same address shows it to ``user``, with its picture made."""
        request = HttpRequest()
        request.method = "GET"
        request.path = request.path_info = self.request.path
        request.GET = QueryDict(self.address().partition("?")[2])
        request.user = user  # type: ignore[assignment]  # a viewer will do
        view = type(self)()
        view.setup(request)
        view.maker = view
        # All of it now, while it is watched what it is made of.
        view.made_picture, view.count, view.facets, view.page  # noqa: B018
        return view

    @cached_property
    def facets(self) -> dict[str, Counts]:
        return super().facets if self.maker is self else self.maker.facets

    @cached_property
    def page(self) -> Page:
        options = self.chosen_options
        is_first = options.page == 1 and options.after is None and options.before is None
        return self.maker.page if is_first and self.makes_sense and self.maker is not self else super().page

    @cached_property
    def made_picture(self) -> Picture | None:
        """The picture; None where the address makes no sense."""
        return self.picture() if self.makes_sense else None

    def picture(self) -> Picture:
        return Picture(
            self.name,
            str(self.title),
            self.script,
            self.chart(),
            self.description(),
            packages=self.packages,
            credits=self.credits,
        )

    def chosen_from(self) -> dict[str, str]:
        """Rows are chosen in lists."""
        return {}

    def get_context_data(self) -> dict[str, Any]:
        return {
            **super().get_context_data(),
            "ways": ways(self.request.path, self._given()),
            "picture": self.maker.made_picture if self.makes_sense else None,
            # Who sorts or turns the pages of the table wants to see it.
            "table_stays_open": any(name in self.request.GET for name in ("sort", "page", "columns")),
        }


class FactPictureView(PictureView):
    """A picture of facts that are worked out from claims, few enough to be held at once.

    A concrete one has ``facts()``, which ``chart()`` and ``description()`` find in ``self.rows``. A fact is a
    dictionary of the table's columns, or anything else of which ``row()`` makes one.
    """

    filterset_class: ClassVar[type[ClaimFilterSet]] = ClaimFilterSet
    filterset: ClaimFilterSet
    #: All rows are at hand, so that every page has a number; and there is no other order than that of the rows.
    numbered_pages = 200
    order = None
    #: And they are counted by themselves.
    most_counted = COUNTED

    def facts(self) -> list[Any]:
        """What the table tells, the most important first.

        ``self.filterset.claims(model)`` are the claims of one kind that the viewer may see and the filters leave.
        """
        raise NotImplementedError

    def row(self, fact: Any) -> dict[str, Any]:
        """The columns of one fact; made for those only that a page or a download shows."""
        row: dict[str, Any] = fact
        return row

    def look_up(self, facts: list[Any]) -> None:
        """Ask the database at once for all that the columns of ``facts`` need."""

    def rows_of(self, facts: list[Any]) -> Iterable[dict[str, Any]]:
        """The columns of ``facts``."""
        self.maker.look_up(facts)
        return map(self.maker.row, facts)

    @cached_property
    def rows(self) -> list[Any]:
        if not self.makes_sense_so_far:
            return []
        return self.facts() if self.maker is self else self.maker.rows

    @cached_property
    def count(self) -> int:
        return len(self.rows)

    def sees_drafts(self) -> bool:
        return all(sees_drafts(self.request.user, model) for model in self.filterset_class.kinds)

    def get_queryset(self) -> Any:
        return AnyClaim.objects.none()  # the facts are put together from the claims of each kind

    def rows_from(self, start: int) -> list[dict[str, Any]]:
        return list(self.rows_of(self.in_order(self.rows)[start : start + PAGE_SIZE + 1]))

    def in_order(self, facts: list[Any]) -> list[Any]:
        """The facts by the chosen column, what is empty last; as they are where none is chosen."""
        if not self.chosen_options.sort:
            return facts
        column = self.columns[self.chosen_options.sorted_by]
        accessor = A(column.order_by[0] if column.order_by else column.accessor or self.chosen_options.sorted_by)
        values = [(accessor.resolve(row), fact) for row, fact in zip(self.rows_of(facts), facts, strict=True)]
        filled = [each for each in values if each[0] not in (None, "")]
        filled.sort(key=lambda each: each[0], reverse=self.chosen_options.sort.startswith("-"))
        return [fact for _value, fact in filled] + [fact for value, fact in values if value in (None, "")]

    def read(self, facts: list[Any]) -> Iterable[dict[str, Any]]:
        return self.rows_of(facts)
