"""What is the same for all who see the same: made once, and anew as soon as anything has changed.

Only for those who read what is published, told apart by the groups of logins that they are in: what somebody sees who
works on the database is made for them alone. It is never asked how old a thing is. Before one is shown, the history
is asked whether it still ends as it did before the thing was made, so that what has been withdrawn, restricted or
deleted is gone at once. Docs: decisions.md.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.apps import apps
from django.contrib.auth.models import Group
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


class _Kept(NamedTuple):
    events: tuple[str | None, ...]
    thing: Any


_kept: OrderedDict[tuple[Any, ...], _Kept] = OrderedDict()
_lock = Lock()


def kept(user: "Viewer", name: str, make: Callable[[Peer], _Thing]) -> _Thing | None:
    """What ``make`` makes for all who see what ``user`` sees; None where it has to be made for ``user`` alone.

    ``name`` tells it from all else that is kept. ``make`` asks the database for nothing but records, claims and their
    links, or else nothing is kept and None returned. What it makes is shown in the language that it was made in.
    """
    if not sees_published(user) or not has_peers(user):
        return None
    peer = Peer(groups_of(user))
    events, is_being_changed = last_changes()
    database = connection.settings_dict
    key = (database["HOST"], database["PORT"], database["NAME"], peer, name, get_language(), timezone.localdate())
    with _lock:
        found = _kept.get(key)
        if found is not None and found.events == events:
            _kept.move_to_end(key)
            return found.thing
    with _watched() as strange:
        thing = make(peer)
    if strange:
        return None
    # What has changed meanwhile has events of its own by now, and what was made is not shown again.
    if not is_being_changed:
        _keep(key, _Kept(events, thing))
    return thing


def forget() -> None:
    """Keep nothing of what is kept."""
    with _lock:
        _kept.clear()


def groups_of(user: "Viewer") -> tuple[str, ...]:
    """The names of the groups of logins that ``user`` is in."""
    if not user.is_authenticated:
        return ()
    return tuple(Group.objects.filter(user=user.pk).order_by("name").values_list("name", flat=True))


def _keep(key: tuple[Any, ...], thing: _Kept) -> None:
    with _lock:
        _kept[key] = thing
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """The statements run meanwhile that ask for what has no history here, or depends on who asks."""
    found: list[str] = []

    def run(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if _strange().search(sql):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield found


@cache
def _strange() -> re.Pattern[str]:
    """What stands in statements whose answers may change without an event in the history of records and claims."""
    tracked = {table._meta.db_table for table in tracked_tables()}
    every = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(every - tracked)))}|crimewatch_groups_of)\b")
