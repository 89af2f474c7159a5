"""Word families: what the database keeps of a text, and which words find it."""

from itertools import product

import pytest
from django.db import connection, models
from django.db.models import BooleanField, F, Func, Value

from actors.models import Group
from crimewatch.citations.models import Indicator, Source
from regions.models import IllicitActivity
from tests.factories import make_group, make_group_citation
from tests.kinds import CLAIMS, RECORDS, make

pytestmark = pytest.mark.django_db

#: Texts of claims that are no words: keys, places in a source, dates, units.
NO_WORDS = {"uid", "locator", "when", "field", "unit", "cut_off", "ended_on"}


def found(text: str, word: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT crimewatch_stems(%s) @@ crimewatch_stem_query(%s)", [text, word])
        return bool(cursor.fetchone()[0])


def having(queryset: models.QuerySet, word: str) -> list:
    query = Func(Value(word), function="crimewatch_stem_query")
    has = Func(F("search_stems"), query, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField())
    return list(queryset.filter(has))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("A trafficking ring", "traffickers"),
        ("They traffic in gold", "traffic"),
        ("Traffickers", "trafficking"),
        ("Money was laundered.", "laundering"),
        ("They launder money", "laundered"),
        ("Un traficante de armas", "traficantes"),
        ("Traficantes", "TRAFICANTE"),
        ("La minería ilegal", "minerias"),
        ("Los mineros", "minera"),
        ("Extorsiones a comerciantes", "extorsión"),
        ("extorsion", "extorsiones"),
        ("Huánuco", "huanuco"),
        ("PCP-SL", "pcp-sl"),
        ("el VRAEM", "vraem"),
        ("O'Brien", "o'brien"),
        ("the", "the"),
        ("de la", "de"),
    ],
)
def test_a_word_finds_its_family(text, word):
    assert found(text, word)


@pytest.mark.parametrize(
    ("text", "word"), [("Traficantes", "armas"), ("Lima", "li"), ("Lima", "a"), ("gold", ""), ("gold", "!"), ("", "x")]
)
def test_a_word_finds_nothing_else(text, word):
    assert not found(text, word)


@pytest.mark.parametrize("word", ["'", "\\", "a'b\\c", "':*", "!&|()", "<->", "🦅🦅🦅", "%s", "a:*b", "   x", "\n\n\n"])
def test_signs_with_a_meaning_in_queries_are_letters_like_any_other(word):
    assert not found("Place", word)


@pytest.mark.parametrize("model", CLAIMS)
def test_every_text_of_a_claim_is_kept_by_word_families(model):
    texts = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not field.generated
        and field.name not in NO_WORDS
    ]

    assert {"attributed_to", "quotation", "note"} <= set(texts)
    for text in texts:
        claim = make(model, **{text: "Three traffickers"})
        assert having(model.objects.all(), "trafficking") == [claim], text
        model.objects.filter(pk=claim.pk).update(**{text: "Another"})


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize(
    "values", [{"name": "Los traficantes"}, {"aliases": ["Los traficantes"]}, {"summary": "Los traficantes"}]
)
def test_names_and_the_summary_of_a_record_are_kept_by_word_families(model, values):
    record = make(model, **values)
    make(model)

    assert having(model.objects.all(), "traficante") == [record]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Source, {"authors": ["Trafficante, Ana"]}),
        (Source, {"publisher": "Trafficante"}),
        (Source, {"container_title": "Trafficante"}),
        (Source, {"note": "Trafficante"}),
        (Indicator, {"definition": "Trafficante"}),
        (IllicitActivity, {"note": "Trafficante"}),
    ],
)
def test_so_are_the_other_texts_that_readers_are_shown(model, values):
    assert having(model.objects.filter(pk=make(model, **values).pk), "trafficante")


def test_the_full_text_of_a_source_is_not_searched():
    make(Source, full_text="Trafficante")

    assert having(Source.objects.all(), "trafficante") == []


def test_a_name_weighs_more_than_a_summary():
    group = make_group(name="Traffickers", summary="Miners")
    group.refresh_from_db()

    assert "'traffick':1A" in group.search_stems
    assert ":1A" not in group.search_stems.partition("'miner'")[2].partition(" ")[0]


def test_a_text_of_any_length_can_be_kept():
    words = " ".join(map("".join, product("абвгдежзиклмнопрстуфхцчшщ", repeat=4)))
    group = make_group(summary=f"Traffickers {words}")
    citation = make_group_citation(statement=f"Traffickers {words}")

    assert having(Group.objects.all(), "trafficking") == [group]
    assert having(type(citation).objects.all(), "trafficking") == [citation]


def test_the_functions_need_no_search_path():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute("SELECT public.crimewatch_stems('Traffickers') @@ public.crimewatch_stem_query('trafficking')")
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT public.crimewatch_record_stems('a', NULL, NULL), public.crimewatch_claim_stems(NULL)")
