"""Looking a whole kind of record through for pairs that may be one, by the database and for all rows at once.

To compare each name with each other would take 1,250 million comparisons at 50,000 records. Only those names are
compared that become one when a letter of either is left out (which finds a letter too many, one too few, a wrong one,
and two in the wrong order), that have the same words in whatever order, or that share two of their ten rarest trigrams.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import DateRangeField
from django.db import connection, transaction

from crimewatch.citations.models import Claim
from crimewatch.curation.duplicates.models import Likeness, Look
from crimewatch.records.alike import ALIKE
from regions.models import Region

#: A trigram in more names than this tells little, and would make too many pairs to compare.
COMMON = 300
#: So many of its rarest trigrams stand for a name, of which two names share at least two.
RARE = 10
#: Of a name that more records have than this, the further ones are compared along a chain, each with the next.
NAMESAKES = 12
#: Letters are left out of names of at most so many; longer ones are told by their words and trigrams.
LONGEST = 100
#: So many pairs of a kind are kept, the strongest: nobody looks at more before the next look.
MOST_PAIRS = 20_000

#: What facts that agree add to the likeness of names, and facts that differ take from it.
AGREES, DIFFERS = 0.1, 0.15

NAMES = """
    CREATE TEMPORARY TABLE looked_names ON COMMIT DROP AS
    SELECT row_number() OVER () AS n, id, term, show_trgm(term) AS grams,
        regexp_replace(term, '[^[:alnum:]]+', '', 'g') AS letters,
        ARRAY(SELECT word FROM unnest(regexp_split_to_array(term, '[^[:alnum:]]+')) AS word WHERE word <> '' ORDER BY 1)
            AS words,
        row_number() OVER (PARTITION BY term ORDER BY id) AS place
    FROM (
        SELECT id, name_key AS term FROM {table}
        UNION SELECT id, crimewatch_fold(alias) FROM {table}, unnest(aliases) AS alias
    ) AS named WHERE term ~ '[[:alnum:]]';
    ANALYZE looked_names;

    CREATE TEMPORARY TABLE looked_keys ON COMMIT DROP AS
    SELECT DISTINCT n, id, hashtextextended(left(letters, at - 1) || substr(letters, at + 1), 0) AS key
    FROM looked_names, generate_series(1, length(letters) + 1) AS at
    WHERE place <= {namesakes} AND length(letters) <= {longest}
    UNION ALL
    SELECT n, id, hashtextextended(array_to_string(words, ' '), 1) FROM looked_names WHERE place <= {namesakes};
    ANALYZE looked_keys;

    CREATE TEMPORARY TABLE looked_grams ON COMMIT DROP AS
    SELECT n, id, gram FROM (
        SELECT n, id, gram, row_number() OVER (PARTITION BY n ORDER BY number, gram) AS place
        FROM (
            SELECT n, id, gram, count(*) OVER (PARTITION BY gram) AS number
            FROM looked_names, unnest(grams) AS gram WHERE place <= {namesakes}
        ) AS counted
        WHERE number BETWEEN 2 AND {common}
    ) AS ranked WHERE place <= {rare};
    ANALYZE looked_grams;

    CREATE TEMPORARY TABLE looked_pairs ON COMMIT DROP AS
    SELECT first_id, second_id, max(likeness) AS likeness FROM (
        SELECT one.id AS first_id, other.id AS second_id, similarity(one.term, other.term) AS likeness
        FROM (
            SELECT one.n AS one, other.n AS other FROM looked_keys AS one
            JOIN looked_keys AS other ON other.key = one.key AND one.id < other.id
            UNION
            SELECT one.n, other.n FROM looked_grams AS one
            JOIN looked_grams AS other ON other.gram = one.gram AND one.id < other.id
            GROUP BY one.n, other.n HAVING count(*) >= 2
        ) AS sharing
        JOIN looked_names AS one ON one.n = sharing.one JOIN looked_names AS other ON other.n = sharing.other
        WHERE similarity(one.term, other.term) >= {alike}
        UNION ALL
        SELECT id, next, 1 FROM (
            SELECT id, place, lead(id) OVER (PARTITION BY term ORDER BY id) AS next FROM looked_names
        ) AS chained WHERE next IS NOT NULL AND place >= {namesakes}
    ) AS found GROUP BY first_id, second_id;
    ANALYZE looked_pairs;
"""

WRITE = """
    INSERT INTO {likeness} (content_type_id, first_id, second_id, strength, grounds)
    SELECT %(kind)s, first_id, second_id, max(strength),
        array_agg(DISTINCT ground) FILTER (WHERE ground IS NOT NULL)
    FROM (
        SELECT first_id, second_id, strength, unnest(grounds) AS ground FROM ({names}) AS by_name
        {others}
    ) AS found
    WHERE strength >= {alike}
    GROUP BY first_id, second_id ORDER BY max(strength) DESC, first_id, second_id LIMIT {most}
"""


@transaction.atomic
def look_through(model: Any) -> int:
    """Find the pairs of a kind anew; returns how many there are. What people have said of pairs stays."""
    kind = ContentType.objects.get_for_model(model)
    # One look at a time, and no page sees a kind without its pairs meanwhile.
    look, _made = Look.objects.select_for_update().get_or_create(content_type=kind)
    Likeness.objects.filter(content_type=kind).delete()
    table = model._meta.db_table
    numbers = {
        "table": table,
        "common": COMMON,
        "rare": RARE,
        "alike": ALIKE,
        "namesakes": NAMESAKES,
        "longest": LONGEST,
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS looked_names, looked_keys, looked_grams, looked_pairs")
        cursor.execute(NAMES.format(**numbers))
        others, values = identities_sql(model)
        cursor.execute(
            WRITE.format(
                likeness=Likeness._meta.db_table, names=names_sql(model), others=others, alike=ALIKE, most=MOST_PAIRS
            ),
            {"kind": kind.pk, **values},
        )
        look.pairs = cursor.rowcount
    look.save()
    return look.pairs


def names_sql(model: Any) -> str:
    """The pairs of like names that nothing tells apart, their strength, and what else is the same."""
    table = model._meta.db_table
    facts = {"place": places_sql(model), "period": periods_sql(model)}
    told = [f"NOT ({condition})" for condition in apart_sql(model)]
    known = {ground: fact for ground, fact in facts.items() if fact is not None}
    strength = "likeness" + "".join(
        f" + CASE WHEN {same} THEN {AGREES} WHEN {other} THEN -{DIFFERS} ELSE 0 END" for same, other in known.values()
    )
    grounds = "ARRAY['name']" + "".join(
        f" || CASE WHEN {same} THEN ARRAY['{ground}'] ELSE '{{}}' END" for ground, (same, _other) in known.items()
    )
    return f"""
        SELECT first_id, second_id, {strength} AS strength, {grounds} AS grounds
        FROM looked_pairs JOIN {table} AS one ON one.id = first_id JOIN {table} AS other ON other.id = second_id
        WHERE {" AND ".join(told) or "true"}
    """


def apart_sql(model: Any) -> list[str]:
    """Conditions under which two records of like names are two; a place may be entered one level higher or lower."""
    found = []
    for name in model.told_apart_by:
        column = model._meta.get_field(name)
        one, other = f"one.{column.column}", f"other.{column.column}"
        filled = f"coalesce({one}::text, '') <> '' AND coalesce({other}::text, '') <> ''"
        condition = f"{filled} AND {one} <> {other}"
        if name == "parent":
            table = model._meta.db_table
            condition += "".join(
                f" AND NOT EXISTS (SELECT FROM {table} AS up WHERE up.id = {lower} AND up.parent_id = {higher})"
                for lower, higher in ((one, other), (other, one))
            )
            condition = f"({condition}) OR {one} = other.id OR {other} = one.id"
        # Where one is empty the comparison is null, and null is not apart.
        found.append(f"coalesce({condition}, false)")
    return found


def places_sql(model: Any) -> tuple[str, str] | None:
    """Conditions that two records are in the same place, by their own field or by claims, and that they are not."""
    for column in model._meta.concrete_fields:
        if column.related_model is Region:
            one, other = f"one.{column.column}", f"other.{column.column}"
            return f"{one} = {other}", f"{one} <> {other}"
    claims = [
        (relation.related_model._meta.db_table, relation.field.column, key.column)
        for relation in model._meta.related_objects
        if issubclass(relation.related_model, Claim) and relation.field.name == relation.related_model.subject
        for key in relation.related_model._meta.concrete_fields
        if key.related_model is Region and key.name == "region"
    ]
    if not claims:
        return None
    union = " UNION ".join(
        f"SELECT {region} FROM {table} WHERE {subject} = {{row}}.id AND {region} IS NOT NULL"
        for table, subject, region in claims
    )
    one, other = union.format(row="one"), union.format(row="other")
    same = f"EXISTS (({one}) INTERSECT ({other}))"
    return same, f"EXISTS ({one}) AND EXISTS ({other})"


def periods_sql(model: Any) -> tuple[str, str] | None:
    """Conditions that the days of two records agree, and that they do not, of the first that the kind has."""
    for column in model._meta.concrete_fields:
        if column.generated and isinstance(column.output_field, DateRangeField):
            one, other = f"one.{column.column}", f"other.{column.column}"
            return f"{one} && {other}", f"NOT {one} && {other}"
    return None


def identities_sql(model: Any) -> tuple[str, dict[str, Any]]:
    """Pairs that have in common what only one record should have, as further branches of a union."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for ground, identity in model.identities.items():
        rows = model._default_manager.order_by().annotate(own=identity.of_rows()).filter(own__isnull=False)
        statement, given = rows.values_list("pk", "own").query.sql_with_params()
        names = [f"{ground}_{number}" for number in range(len(given))]
        values |= dict(zip(names, given, strict=True))
        statement = statement % tuple(f"%({name})s" for name in names)
        parts.append(
            f"SELECT id, next, {identity.strength}, '{ground}' FROM ("
            f" SELECT id, lead(id) OVER (PARTITION BY own ORDER BY id) AS next FROM ({statement}) AS own (id, own)"
            ") AS chained WHERE next IS NOT NULL"
        )
    for name in model.codes:
        column = model._meta.get_field(name).column
        parts.append(
            f"SELECT least(coded.id, named.id), greatest(coded.id, named.id), 2, 'code'"
            f" FROM {model._meta.db_table} AS coded JOIN looked_names AS named"
            f" ON named.term = lower(coded.{column}::text) AND named.id <> coded.id"
        )
    return "".join(f" UNION ALL {part}" for part in parts), values
