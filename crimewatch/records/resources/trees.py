"""Rows that lie below one another: parents in any order, and no row below itself."""

from collections.abc import Container, Hashable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from .keys import KeyIndex
from .surveys import Survey

Node = Hashable


class Tree:
    """The tree of a table, as it is stored and as a file wants it. `parent` is the foreign key that leads upward."""

    def __init__(self, parent: Any, index: KeyIndex, survey: Survey) -> None:
        self.parent, self.index, self.survey = parent, index, survey
        self.rows = parent.model._default_manager.order_by()

    def circles(self) -> dict[str, str]:
        """A sentence for each key of the file whose row would lie below itself."""
        parents = self._stored()
        for key, above in self.survey.parents.items():
            node, node_above = self._node(key), self._node(above)
            parents.pop(node, None)
            if node_above is not None:
                parents[node] = node_above
        names = {self._node(key): key for key in self.survey.parents}
        found = circles(parents, names)
        return {names[node]: self._sentence([self._key(step, names) for step in way]) for node, way in found.items()}

    def move(self, places: Mapping[int, int | None]) -> None:
        """Put rows below others, from the top down: above each of them everything is then in its place already."""
        final = {**self._stored(), **places}
        parents = {node: above for node, above in final.items() if above is not None}
        now = timezone.now()
        rows = [
            self.parent.model(pk=pk, updated_at=now, **{self.parent.attname: places[pk]})
            for pk in from_the_top(parents, places)
        ]
        self.rows.bulk_update(rows, [self.parent.name, "updated_at"], batch_size=500)

    def _stored(self) -> dict[Any, Any]:
        below = self.rows.filter(**{f"{self.parent.name}__isnull": False})
        return dict(below.values_list("pk", self.parent.attname).iterator())

    def _node(self, key: str) -> Any:
        """What stands for a row: the primary key of a stored one, the key of a new one, None for no row."""
        if key in self.survey.stored:
            return self.survey.stored[key]
        if key in self.survey.new_keys:
            return key
        try:
            return self.index.stored(key)
        except ValidationError:  # an ambiguous past key, of which the row itself tells
            return None

    def _key(self, node: Any, names: Mapping[Any, str]) -> str:
        return names[node] if node in names else self.index.slug(node)

    @staticmethod
    def _sentence(way: list[str]) -> str:
        return _("“%(key)s” cannot lie below “%(parent)s”, which is the record itself or lies below it: %(way)s.") % {
            "key": way[0],
            "parent": way[1],
            "way": " → ".join(way),
        }


def circles(parents: Mapping[Node, Node], starts: Iterable[Node]) -> dict[Node, list[Node]]:
    """For each of `starts` that lies below itself, the way up from it to itself.

    `parents` maps a node to the one above it.
    """
    starts = list(starts)
    found: dict[Node, list[Node]] = {}
    cleared: set[Node] = set()
    for start in starts:
        path = way_up(parents, start, cleared)
        if path[-1] in path[:-1]:
            circle = path[path.index(path[-1]) : -1]
            found |= {node: circle[at:] + circle[: at + 1] for at, node in enumerate(circle)}
        cleared.update(path)
    return {node: found[node] for node in starts if node in found}


def from_the_top(parents: Mapping[Node, Node], nodes: Iterable[Any]) -> list[Any]:
    """`nodes`, none of which lies in a circle, in an order in which what is above comes first."""
    wanted = dict.fromkeys(nodes)
    ordered: dict[Node, None] = {}
    for node in wanted:
        ordered |= dict.fromkeys(reversed(way_up(parents, node, ordered)))
    return [node for node in ordered if node in wanted]


def way_up(parents: Mapping[Node, Node], start: Node, known: Container[Node]) -> list[Node]:
    """The nodes from `start` up to a root, to one that is `known`, or to the first one that comes a second time."""
    path, seen, node = [start], {start}, start
    while node in parents and node not in known:
        node = parents[node]
        path.append(node)
        if node in seen:
            break
        seen.add(node)
    return path
