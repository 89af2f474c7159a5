"""The phrases in which lists, reports, the admin and exports ask for records."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.functions import Concat, Length, StrIndex
from django.db.models.lookups import GreaterThan

from crimewatch.records.peers import Peer
from crimewatch.records.search import all_of, has_word, is_like, is_like_together, names_have_word, phrase_of, words_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    Viewer = AbstractBaseUser | AnonymousUser | Peer

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


#: So many rows that have what is searched for are answer enough.
MANY = 50

#: What stands between the names and codes in a search key.
LINE = Value("\n", output_field=models.TextField())


class GroupsOf(models.Func):
    """The names of the groups of logins that the login with this key is in."""

    function = "crimewatch_groups_of"
    output_field = ArrayField(models.CharField(max_length=150))

    def __init__(self, login: int) -> None:
        super().__init__(Value(login))


class IsAmong(models.Func):
    """Whether a key is one of some keys; so many of them are said in one word, ``{1,2}``."""

    output_field = models.BooleanField()
    template = "(%(expressions)s::bigint[]))"
    arg_joiner = " = ANY("

    def __init__(self, key: str, keys: Iterable[int] | str) -> None:
        text = keys if isinstance(keys, str) else array_of(keys)
        super().__init__(F(key), Value(text, output_field=models.TextField()))


def array_of(keys: Iterable[int]) -> str:
    """Keys as PostgreSQL writes an array of them."""
    return f"{{{','.join(map(str, keys))}}}"


def together(parts: Iterable[models.QuerySet[Any]]) -> models.QuerySet[Any]:
    """The rows of all ``parts`` in one query; each part has the same columns."""
    first, *others = parts
    return first.union(*others, all=True)


def sees_drafts(user: "Viewer", model: type[models.Model]) -> bool:
    """Whether ``user`` works on the database and may therefore see rows of ``model`` that are not published."""
    permission = f"{model._meta.app_label}.view_{model._meta.model_name}"
    return bool(getattr(user, "is_staff", False)) and user.has_perm(permission)  # type: ignore[union-attr]


def sees_published(user: "Viewer") -> bool:
    """Whether ``user`` may see published records: anyone with a login, and visitors where the site is public."""
    return bool(user.is_authenticated) or settings.SITE_IS_PUBLIC


def closed_to(user: "Viewer") -> Q:
    """The condition of a record that is restricted to groups of logins none of which ``user`` is in."""
    if user.is_active and getattr(user, "is_superuser", False):
        return Q(pk__in=[])
    return ~Q(restricted_to=[]) & ~_shared_with(user)


def _shared_with(user: "Viewer") -> Q:
    """The condition of a record that is restricted to a group that ``user`` is in; a visitor is in none."""
    if not user.is_authenticated or user == Peer():
        return Q(pk__in=[])
    groups: Any = list(user.groups) if isinstance(user, Peer) else GroupsOf(user.pk)
    return Q(restricted_to__overlap=groups)


def _shared_sql(user: "Viewer") -> tuple[str, tuple[Any, ...]]:
    """The same in SQL, with its values; empty where nothing is."""
    if not user.is_authenticated or user == Peer():
        return "", ()
    if isinstance(user, Peer):
        return "restricted_to && %s::varchar[]", (list(user.groups),)
    return "restricted_to && crimewatch_groups_of(%s)", (user.pk,)


def hidden_from(user: "Viewer", model: type[models.Model], *, with_drafts: bool) -> tuple[str, tuple[Any, ...]]:
    """SQL for the ids of the records of ``model`` that ``user`` may not see, and its values; empty where all are seen.

    ``with_drafts`` says that what is not published is among them. What is hidden is less than what is shown and has an
    index of its own, so that claims are held against it faster than they are joined to all that they name.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    if user.is_active and getattr(user, "is_superuser", False):
        return (f"SELECT id FROM {table} WHERE status <> 'published'", ()) if with_drafts else ("", ())
    is_shared, values = _shared_sql(user)
    may_be_hidden = "restricted_to <> '{}'"
    if with_drafts:
        may_be_hidden = f"(status <> 'published' OR {may_be_hidden})"
        is_shared = is_shared and f"status = 'published' AND {is_shared}"
    is_hidden = f"{may_be_hidden} AND NOT ({is_shared})" if is_shared else may_be_hidden
    return f"SELECT id FROM {table} WHERE {is_hidden}", values


class SearchableQuerySet(models.QuerySet[_Model_co]):
    """Rows that are found without regard to accents and case, by word families and in spite of typing errors."""

    def search(self, text: str) -> Self:
        """Rows in which every word of ``text`` is found, or something spelled much like it; best matches come first.

        An empty ``text`` changes nothing.
        """
        if not text.split():
            return self
        return self.found(text).order_by(*self.ranking(text).values(), "pk")

    def ranking(self, text: str) -> dict[str, OrderBy]:
        """What puts the best match first, by name."""
        phrase = phrase_of(text)
        return {
            "row_likeness": TrigramWordSimilarity(phrase, "search_key").desc(),  # type: ignore[arg-type]
            "row_length": Length("search_key").asc(),
        }

    def found(self, text: str) -> Self:
        """What ``search`` finds, in no order of its own.

        Where many rows have the words, what is merely spelled like them is left out: to compare the spelling of a row
        takes the database fifty times as long as to look for a word in it.
        """
        words = words_of(text)
        exact = _has_all(words)
        many = Exists(self.filter(exact).order_by().values("pk")[MANY - 1 : MANY])
        return self.filter(exact | (~Q(many) & _is_alike(words)))


def _has_all(words: list[str]) -> Q:
    # The planner folds crimewatch_fold(constant) once, so all branches of an OR use an index.
    return all_of(map(has_word, words))


def _is_alike(words: list[str]) -> Q:
    """The condition that each word is there or something spelled much like it, or like all of them together."""
    alike = all_of(has_word(word) | is_like(word) for word in words)
    return alike | is_like_together(words) if len(words) > 1 else alike


class RecordQuerySet(SearchableQuerySet[_Model_co]):
    """Records by status, viewer, name and support."""

    def ranking(self, text: str) -> dict[str, OrderBy]:
        """First what has exactly this name, then this alias or code, names that begin so, names with all the words,
        other texts with them, and last what is spelled like them; of equals the shortest: Lima before San Isidro de
        Lima.
        """
        phrase, words = phrase_of(text), words_of(text)
        is_line: Any = GreaterThan(StrIndex(Concat(LINE, "search_key", LINE), Concat(LINE, phrase, LINE)), 0)
        has_all = all_of(map(has_word, words))
        return {
            "row_rank": Case(
                When(name_key=phrase, then=Value(5)),
                When(is_line, then=Value(4)),
                When(name_key__startswith=phrase, then=Value(3)),
                When(all_of(map(names_have_word, words)), then=Value(2)),
                When(has_all, then=Value(1)),
                default=Value(0),
            ).desc(),
            # To compare the spelling takes long, and what has the words need not be compared.
            "row_likeness": Case(
                When(has_all, then=Value(1.0)),
                default=TrigramWordSimilarity(phrase, "search_key"),  # type: ignore[arg-type]  # an expression will do
            ).desc(),
            "row_length": Length("search_key").asc(),
        }

    def likeliest(self, text: str, most: int, *, alike: bool) -> Self:
        """Rows in which every word of ``text`` is found, or something ``alike``: at most so many that ranking them is
        quick, among them those whose names begin with it.

        Together the two are what ``found`` finds: what is alike where fewer than ``MANY`` have the words.
        """
        phrase, words = phrase_of(text), words_of(text)
        named = self.filter(search_key__contains=phrase, name_key__startswith=phrase)
        found = self.filter(_is_alike(words) if alike else _has_all(words)).order_by().values("pk")[:most]
        begun = named.order_by("name_key").values("pk")[:most]  # the exact name first
        rows: Self = self.model._default_manager.filter(pk__in=found.union(begun))  # type: ignore[assignment]
        return rows

    def published(self) -> Self:
        return self.filter(status="published")

    def visible_to(self, user: "Viewer") -> Self:
        """What ``user`` may see: staff with the view right everything, others published records, strangers nothing
        unless the site is public; and of what is restricted to groups of logins, only those in them."""
        if not sees_published(user):
            return self.none()
        rows = self if sees_drafts(user, self.model) else self.published()
        return rows.open_to(user)

    def open_to(self, user: "Viewer") -> Self:
        """All but what is restricted to groups of logins that ``user`` is not in."""
        return self.exclude(closed_to(user))

    def closed_to(self, user: "Viewer") -> Self:
        """What is restricted to groups of logins that ``user`` is not in."""
        return self.filter(closed_to(user))

    def by_slug(self, slug: str) -> Self:
        """The record with this slug now and, behind it, those that had it before."""
        return self.filter(Q(slug=slug) | Q(past_slugs__contains=[slug])).order_by(
            models.Case(models.When(slug=slug, then=0), default=1), "pk"
        )

    def having_slug(self, slugs: Iterable[str]) -> Self:
        """The records that have one of ``slugs`` now, or had it before."""
        wanted = list(slugs)
        return self.filter(Q(slug__in=wanted) | Q(past_slugs__overlap=wanted))

    def by_slugs(self, slugs: Iterable[str]) -> dict[str, _Model_co]:
        """The record that each of ``slugs`` means: the one that has it now or, where none does, that had it before."""
        wanted = list(slugs)
        found: dict[str, _Model_co] = {}
        records: Any = self.having_slug(wanted).order_by("pk")
        for record in records:
            for past in record.past_slugs:
                found.setdefault(past, record)
        now = {record.slug: record for record in records}
        return {slug: now.get(slug) or found[slug] for slug in wanted if slug in now or slug in found}

    def with_context(self) -> Self:
        """With what a record's label needs, in the same query."""
        return self

    def within(self, *records: models.Model) -> Self:
        """``records`` and what lies in them; kinds of record that have no inside hold nothing but themselves."""
        return self.filter(pk__in=[record.pk for record in records])

    def cited(self) -> Self:
        """Records that at least one claim speaks about."""
        return self.filter(self._mentioned())

    def uncited(self) -> Self:
        """Records that no claim speaks about."""
        return self.exclude(self._mentioned())

    def supported(self) -> Self:
        """Records that at least one claim supports: the condition for being published."""
        return self.filter(self._mentioned(only_supporting=True))

    def unsupported(self) -> Self:
        return self.exclude(self._mentioned(only_supporting=True))

    def _mentioned(self, *, only_supporting: bool = False) -> Q:
        mentioned = Q(pk__in=[])
        for relation in claim_relations(self.model):
            claims = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            # A source is supported by whatever rests on it, be it a denial of something else.
            if only_supporting and relation.field.name != "source":
                claims = claims.filter(stance="supports")
            mentioned |= Q(Exists(claims))
        return mentioned


class TreeQuerySet(RecordQuerySet[_Model_co]):
    """Records that lie below one another by ``parent``."""

    def within(self, *records: models.Model) -> Self:
        """``records`` and everything below them in the tree."""
        table = self.model._meta.db_table
        below = f"""
            WITH RECURSIVE below (id) AS (
                SELECT unnest(%s::bigint[])
                UNION
                SELECT child.id FROM below JOIN {table} AS child ON child.parent_id = below.id
            )
            SELECT id FROM below
        """
        return self.filter(pk__in=RawSQL(below, [[record.pk for record in records]]))


def claim_relations(model: type[models.Model]) -> list[Any]:
    """The reverse relations through which claims point at ``model``, in a stable order."""
    return [
        relation
        for relation in model._meta.related_objects
        if getattr(relation.related_model, "is_claim", False) and relation.one_to_many
    ]
