"""Statements that Django puts together once, and that are asked again and again with other words by other people.

The pages that look through every table ask for twenty or thirty kinds of rows at once. To put such a statement together
takes Django longer than it takes PostgreSQL to answer it. So it is put together with stand-ins for what changes from
page to page and does not change the statement: who looks, what is searched for, the keys of some rows. What does change
it, above all what a viewer may see, is in the stand-in itself, by which the statement is kept.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from crimewatch.records.peers import Peer
from crimewatch.records.querysets import array_of, sees_drafts
from crimewatch.records.search import FILLERS, words_of

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: So many statements of a kind are kept: one of a search for two words has some 50 kB.
KEPT = 64

#: What stands for the key of the login that looks: no login has it.
LOGIN = -7_305_823_914_406_115_027

#: What stands for the key of the record that a page is about.
RECORD = LOGIN + 1

#: What every stand-in for a text begins with: no word that anybody looks for.
MARK = "xqzvw"

#: Stands for each word that only joins others.
FILLER = min(FILLERS)


class ViewerLike(NamedTuple):
    """Whoever has the same rights as some viewer, to be handed to ``visible_to`` in their stead."""

    is_authenticated: bool
    is_active: bool
    is_staff: bool
    is_superuser: bool
    #: The labels of the kinds of records and claims whose drafts they see.
    works_on: frozenset[str]
    #: Whether visitors may look: a setting, which tests change.
    site_is_public: bool

    @classmethod
    def of(cls, user: "Viewer") -> "ViewerLike":
        return cls(
            bool(user.is_authenticated),
            bool(user.is_active),
            bool(getattr(user, "is_staff", False)),
            bool(getattr(user, "is_superuser", False)),
            frozenset(model._meta.label_lower for model in _guarded_models() if sees_drafts(user, model)),
            bool(settings.SITE_IS_PUBLIC),
        )

    @property
    def pk(self) -> int:
        return LOGIN

    def has_perm(self, permission: str) -> bool:
        """Whether they may look at a kind of record or claim; raises ``KeyError`` for any other right."""
        return _labels_by_permission()[permission] in self.works_on


@cache
def _guarded_models() -> tuple[type[Model], ...]:
    """The kinds of rows of which the drafts are for some only: records and claims."""
    return tuple(model for model in apps.get_models() if hasattr(model._default_manager, "visible_to"))


@cache
def _labels_by_permission() -> dict[str, str]:
    return {
        f"{model._meta.app_label}.view_{model._meta.model_name}": model._meta.label_lower for model in _guarded_models()
    }


class Asking:
    """Who asks, for which words, about which record: the stand-ins for all of it, and what these stand for."""

    def __init__(self, user: "Viewer | None", text: str = "", record: int | None = None) -> None:
        #: Peers stand for a viewer already; their groups are values of the statement.
        self.viewer = user if user is None or isinstance(user, Peer) else ViewerLike.of(user)
        self.values: dict[Any, Any] = {RECORD: record} if user is None else {LOGIN: user.pk, RECORD: record}
        #: The stand-in for each word that is looked for.
        self.words = {word: _word_like(word, number) for number, word in enumerate(words_of(text))}
        self.text = " ".join(self.words.get(word, FILLER) for word in text.split())
        self.values |= {stand_in: word for word, stand_in in self.words.items()}
        self.values[" ".join(self.words.values())] = " ".join(self.words)
        self.values[self.text] = " ".join(text.split())

    def keys(self, name: str, keys: Iterable[int]) -> str:
        """A stand-in, told by its ``name``, for the keys of some rows, as ``IsAmong`` takes them."""
        stand_in = f"{{{MARK}{name}}}"
        self.values[stand_in] = array_of(keys)
        return stand_in


def _word_like(word: str, number: int) -> str:
    """A word of letters where ``word`` is one, as spelling is compared of letters alone; another for each number."""
    return f"{MARK}{chr(ord('a') + number)}" if word.isalpha() else f"{MARK}{number}"


class Statement:
    """A query as SQL, with places for values."""

    def __init__(self, sql: str, parameters: Sequence[Any], converters: Iterable[tuple[Any, ...]] = ()) -> None:
        self.sql = sql
        self.parameters = tuple(parameters)
        self.converters = tuple(converters)
        self.places = frozenset(number for number, each in enumerate(self.parameters) if is_stand_in(each))

    @classmethod
    def of(cls, rows: QuerySet[Any]) -> Self:
        compiler = rows.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return cls("", ())
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return cls(sql, parameters, [(place, *how) for place, how in converters.items()])

    @classmethod
    def together(cls, parts: Iterable["Statement"]) -> Self:
        """The rows of all ``parts``, which have the same columns, in one statement."""
        found = [part for part in parts if part.sql]
        if not found:
            return cls("", ())
        sql = " UNION ALL ".join(f"({part.sql})" for part in found)
        return cls(sql, [value for part in found for value in part.parameters], found[0].converters)

    def rows(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """What is found where the stand-ins stand for ``values``; raises ``KeyError`` for one without a value."""
        if not self.sql:
            return []
        parameters = [values[each] if number in self.places else each for number, each in enumerate(self.parameters)]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found = cursor.fetchall()
        return [self._converted(row) for row in found] if self.converters else found

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row with the values that Django makes of PostgreSQL's."""
        cells = list(row)
        for place, converters, expression in self.converters:
            for converter in converters:
                cells[place] = converter(cells[place], expression, connection)
        return tuple(cells)


def is_stand_in(parameter: Any) -> bool:
    """Whether a parameter is a stand-in or has one in it."""
    return (
        parameter in (LOGIN, RECORD) if isinstance(parameter, int) else isinstance(parameter, str) and MARK in parameter
    )


def prepared(build: Callable[..., QuerySet[Any]]) -> Callable[..., list[tuple[Any, ...]]]:
    """Make of a function that builds a query one that answers it, and that keeps the statement.

    The function gets stand-ins and other values that cannot change, by which the statement is kept; and first of all
    the ``Asking``, of which it sees nothing but what it is handed: ``best(asking, asking.viewer, asking.text, 5)``.
    """

    @lru_cache(maxsize=KEPT)
    def statement(*shape: Hashable) -> Statement:
        return Statement.of(build(*shape))

    @wraps(build)
    def answer(asking: Asking, *shape: Hashable) -> list[tuple[Any, ...]]:
        return statement(*shape).rows(asking.values)

    return answer
