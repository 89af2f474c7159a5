"""The network: which records are in the picture, and what ties them to one another."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property

from actors.models import RelationKind
from crimewatch.citations.independence import Origin
from crimewatch.citations.models import Source
from crimewatch.explorer.kinds import of_kind
from crimewatch.explorer.pictures.network.querysets import Key, Ties, ids_of
from crimewatch.explorer.pictures.network.ties import KEY_OF_KIND, NODE_KINDS, WORDS
from crimewatch.records.models import Record
from crimewatch.records.querysets import together

#: So many links are drawn at most, those with most claims.
MOST_LINKS = 1_500


@dataclass
class Node:
    """A record in the picture. ``degree`` is how many records it is linked to there."""

    kind: str
    record: Record
    neighbours: set[Key] = field(default_factory=set)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.record.slug}"

    @property
    def degree(self) -> int:
        return len(self.neighbours)


@dataclass(frozen=True)
class Link:
    """What ties two records, put in one way: all claims that say so, together."""

    kind: str
    word: str
    origin: Node
    target: Node
    claims: int
    disputing: int
    sources: list[Source]
    wordings: list[str]
    dates: list[str]
    is_disputed: bool
    is_ended: bool

    @property
    def label(self) -> str:
        return str(WORDS[self.word])

    @property
    def converse(self) -> str:
        """How a relation between groups reads the other way round; empty for other ties."""
        return RelationKind(self.word).converse if self.kind == "relation" else ""

    @property
    def is_symmetrical(self) -> bool:
        return self.converse == self.label


@dataclass(frozen=True)
class LeftOut:
    """How much fits the filters and is not in the picture."""

    records: int = 0
    links: int = 0
    #: Where the picture begins at a record: how many steps away from it the records are that are left out.
    step: int = 0


class Network:
    """The records and links of one picture: the most connected of all, or what lies around one record."""

    def __init__(
        self, ties: Ties, *, around: Record | None = None, steps: int = 1, most: int = 300, links: int = MOST_LINKS
    ) -> None:
        self.ties = ties
        self.around = around
        self.steps = steps
        self.most = most
        self.most_links = links

    @cached_property
    def _chosen(self) -> tuple[list[Key], LeftOut]:
        if self.around is None:
            keys, records, links = self.ties.most_connected(self.most)
            return keys, LeftOut(records, links)
        centre = (KEY_OF_KIND[type(self.around)], self.around.pk)
        found, edge = [centre], [centre]
        for step in range(1, self.steps + 1):
            room = self.most - len(found)
            edge, total = self.ties.neighbours(edge, set(found), room) if edge and room else ([], 0)
            found += edge
            if total > len(edge):
                return found, LeftOut(total - len(edge), step=step)
        return found, LeftOut()

    @cached_property
    def _linked(self) -> tuple[list[tuple[Any, ...]], int]:
        return self.ties.links(self._chosen[0], self.most_links)

    @cached_property
    def nodes(self) -> dict[Key, Node]:
        """The records in the picture, those tied to most others there first.

        A record all of whose links are left out is left out as well.
        """
        keys = self._chosen[0]
        parts = [
            of_kind(model.objects.visible_to(self.ties.user).order_by().filter(pk__in=ids), kind).values_list(
                "row_kind", "pk", "slug", "name", "status"
            )
            for kind, model in NODE_KINDS.items()
            if (ids := ids_of(keys, kind))
        ]
        found: dict[Key, Node] = {}
        for kind, pk, slug, name, status in together(parts) if parts else ():
            model: Any = NODE_KINDS[kind]
            found[kind, pk] = Node(kind, model(pk=pk, slug=slug, name=name, status=status))
        for row in self._linked[0]:
            origin, target = (row[2], row[3]), (row[4], row[5])
            if origin in found and target in found:
                found[origin].neighbours.add(target)
                found[target].neighbours.add(origin)
        tied = {key: node for key, node in found.items() if node.degree or node.record == self.around}
        return dict(sorted(tied.items(), key=lambda item: (-item[1].degree, item[1].record.name, item[0])))

    @cached_property
    def links(self) -> list[Link]:
        """What ties the records in the picture, the links with most claims first."""
        rows = self._linked[0]
        visible = Source.objects.visible_to(self.ties.user)
        sources = visible.only("name", *Origin._fields).in_bulk({pk for row in rows for pk in row[8]})
        return [
            Link(
                kind=row[0],
                word=row[1],
                origin=self.nodes[row[2], row[3]],
                target=self.nodes[row[4], row[5]],
                claims=row[6],
                disputing=row[7],
                sources=sorted((sources[pk] for pk in row[8] if pk in sources), key=lambda source: source.name),
                wordings=sorted(row[9]),
                dates=sorted(filter(None, row[10])),
                is_disputed=row[11],
                is_ended=row[12],
            )
            for row in rows
            if (row[2], row[3]) in self.nodes and (row[4], row[5]) in self.nodes
        ]

    @cached_property
    def left_out(self) -> LeftOut:
        """What fits the filters and is not in the picture; of links around a record, those between records in it."""
        left, drawn = self._chosen[1], len(self.links)
        if self.around is None:
            return LeftOut(left.records - len(self.nodes), left.links - drawn)
        return LeftOut(left.records, self._linked[1] - drawn, left.step)
