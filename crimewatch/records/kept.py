"""What takes long to find out: found once, and anew as soon as anything has changed.

Whole things (`kept`), and answers to what the pages of a list ask again and again (`answers_for`). Only for those who
read what is published, told apart by the groups of logins that they are in: what somebody sees who works on the
database is found for them alone, every time. It is never asked how old a thing is. Before one is shown, the history is
asked whether it still ends as it did before the thing was made, so that what has been withdrawn, restricted or deleted
is gone at once. Docs: decisions.md.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language

from crimewatch.records.history import last_changes, tracked_tables
from crimewatch.records.peers import Peer, has_peers
from crimewatch.records.querysets import sees_published

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

_Thing = TypeVar("_Thing")

#: So many things a process of the site keeps, those that were asked for last. Of a million claims, a map of everything
#: has nine megabytes, and flows have seventeen.
MOST_KEPT = 12

#: For so many circles of people who see the same a process keeps answers, and so many for each. One has a quarter of a
#: megabyte at most; the numbers of claims of all records of a kind have a tenth of a kilobyte for each record.
MOST_PEERS = 8
MOST_ANSWERS = 100


class _Kept(NamedTuple):
    events: tuple[str | None, ...]
    thing: Any


class _Store:
    """So many things by their keys, those that were asked for last."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._things: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, key: Hashable) -> Any:
        """The thing of that key, or None."""
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key]

    def put(self, key: Hashable, thing: Any) -> None:
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            while len(self._things) > self.most:
                self._things.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._things.clear()


_kept = _Store(MOST_KEPT)
_answers = _Store(MOST_PEERS)


class Answers:
    """What a viewer has been answered since something changed last. An answer is shared: nobody changes it."""

    def __init__(self, viewer: "Viewer") -> None:
        #: In whose name to ask: for those who read what is published, all who see the same.
        self.viewer = viewer
        self._found = _Store(MOST_ANSWERS)

    def to(self, question: Hashable, find: Callable[[], _Thing]) -> _Thing:
        """The answer to a question, which ``find`` gives where it is not known.

        It is not kept where ``find`` asks the database for anything but records, claims and their links, nor for who
        has no peers.
        """
        if not isinstance(self.viewer, Peer):
            return find()
        known = self._found.get(question)
        if known is not None:
            answer: _Thing = known[0]
            return answer
        with _watched() as strange:
            answer = find()
        if not strange:
            self._found.put(question, (answer,))
        return answer

    def numbers(
        self, question: Hashable, keys: Collection[int], find: Callable[[Collection[int]], Mapping[int, int]]
    ) -> dict[int, int]:
        """The numbers that ``find`` gives of some ``keys``, 0 where it gives none; only those unknown are asked for."""
        known: dict[int, int] = self.to(question, dict)
        missing = [key for key in keys if key not in known]
        with _watched() as strange:
            found = dict.fromkeys(missing, 0) | dict(find(missing)) if missing else {}
        numbers = {key: found[key] if key in found else known[key] for key in keys}
        if not strange:
            known |= found
        return numbers


def kept(user: "Viewer", name: str, make: Callable[[Peer], _Thing]) -> _Thing | None:
    """What ``make`` makes for all who see what ``user`` sees; None where it has to be made for ``user`` alone.

    ``name`` tells it from all else that is kept. ``make`` asks the database for nothing but records, claims and their
    links, or else nothing is kept and None returned. What it makes is shown in the language that it was made in.
    """
    if not sees_published(user) or not has_peers(user):
        return None
    shelf = _Shelf(_kept, user, name)
    if shelf.thing is not None:
        known: _Thing = shelf.thing
        return known
    with _watched() as strange:
        thing = make(shelf.peer)
    if strange:
        return None
    shelf.put(thing)
    return thing


def answers_for(user: "Viewer") -> Answers:
    """What those have been answered who see what ``user`` sees; for who works on the database, nothing yet.

    To be asked for on each page anew: it is as old as the last change before that.
    """
    if not sees_published(user) or not has_peers(user) or isinstance(user, Peer):
        return Answers(user)
    shelf = _Shelf(_answers, user)
    if shelf.thing is not None:
        known: Answers = shelf.thing
        return known
    answers = Answers(shelf.peer)
    shelf.put(answers)
    return answers


def forget() -> None:
    """Keep nothing of what is kept."""
    _kept.clear()
    _answers.clear()


class _Shelf:
    """Where a thing is kept for the peers of a user: as what holds for it, and only while some events are the last."""

    def __init__(self, store: _Store, user: "Viewer", name: str = "") -> None:
        self._last = last_changes(user.pk)
        self.peer = Peer(self._last.groups)
        self._store = store
        database = connection.settings_dict
        where = (database["HOST"], database["PORT"], database["NAME"])
        self._key = (*where, self.peer, name, get_language(), timezone.localdate())

    @property
    def thing(self) -> Any:
        """What is kept and still holds, or None."""
        found = self._store.get(self._key)
        return found.thing if found is not None and found.events == self._last.events else None

    def put(self, thing: Any) -> None:
        """Keep what was made since. What has changed meanwhile has events of its own, and it is not shown again."""
        if not self._last.is_being_changed:
            self._store.put(self._key, _Kept(self._last.events, thing))


@contextmanager
def _watched() -> Iterator[list[str]]:
    """The statements run meanwhile that ask for what has no history here, or depends on who asks."""
    found: list[str] = []

    def run(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if any(name in sql and re.search(rf"\b{name}\b", sql) for name in _strange()):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield found


@cache
def _strange() -> tuple[str, ...]:
    """What stands in statements whose answers may change without an event in the history of records and claims."""
    tracked = {table._meta.db_table for table in tracked_tables()}
    every = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    kinds_of_rows = {ContentType._meta.db_table}  # these are as the code is
    return (*sorted(every - tracked - kinds_of_rows), "crimewatch_groups_of")
