"""How sources are cited: nothing is invented, nothing that somebody typed becomes markup or a command."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crimewatch.citations.bibliography import cite_source
from crimewatch.citations.bibliography.bibtex import entry_of
from crimewatch.citations.bibliography.csl import date_of, item_of, name_of
from crimewatch.citations.models import Source, SourceType
from tests.factories import make_group, make_presence, make_source
from tests.kinds import publish
from tests.people import make_reader

NASTY = (
    "<script>alert(1)</script>",
    '<i>it</i> & "they"',
    "\ue000b\ue001",
    '<span class="nocase">x</span>',
    "{}\\$%_#~^&",
)


def source(**fields):
    return Source(
        **{"slug": "ellis-2017", "name": "The Evolution of Crime", "source_type": "article-journal", **fields}
    )


# In words


def test_a_journal_article_is_cited_as_the_styles_have_it():
    cited = cite_source(
        source(
            authors=["Ellis, R. Evan", "Wu, Bo"],
            container_title="Journal of Things",
            volume="3",
            issue="2",
            pages="12–19",
            issued="2017-05-04",
            doi="10.1000/182",
        )
    )
    assert cited.apa == (
        "Ellis, R. E., &amp; Wu, B. (2017). The Evolution of Crime. <i>Journal of Things</i>, <i>3</i>(2), 12–19. "
        "https://doi.org/10.1000/182"
    )
    assert cited.chicago == (
        "Ellis, R. Evan, and Bo Wu. 2017. “The Evolution of Crime.” <i>Journal of Things</i> 3 (2): 12–19. "
        "https://doi.org/10.1000/182."
    )


def test_a_source_without_an_author_begins_with_its_title_and_names_it_once():
    cited = cite_source(source(source_type="webpage", issued="199X", url="https://example.org/a"))
    assert cited.apa == "<i>The Evolution of Crime</i>. (1990–1999). https://example.org/a"
    assert cited.chicago == "<i>The Evolution of Crime</i>. 1990–1999. https://example.org/a."


@pytest.mark.parametrize("kind", SourceType.values)
def test_every_type_of_source_can_be_cited(kind):
    cited = cite_source(source(source_type=kind, authors=["World Bank"], issued="2017~", publisher="P & Q"))
    for text in (cited.apa, cited.chicago):
        assert "2017" in text
        assert "The Evolution of Crime" in re.sub("<[^>]+>", "", text)


@pytest.mark.parametrize("words", NASTY)
def test_what_somebody_typed_is_text_and_nothing_else(words):
    fields = dict.fromkeys(("name", "container_title", "publisher", "volume", "pages", "language"), words)
    cited = cite_source(source(**fields, authors=[words, f"{words}, {words}"], source_type="chapter", issued="2017"))
    for text in (cited.apa, cited.chicago):
        assert set(re.findall("<[^>]*>", text)) <= {"<i>", "</i>"}
        assert text.count("<i>") == text.count("</i>")
        assert "<script" not in text
        assert "\ue000" not in text


TYPED = st.text(alphabet="aÉ<>&\"'{}\\$%,;.“”\ue000\ue001\n ", min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)  # citing takes a tenth of a second
@given(st.fixed_dictionaries({"name": TYPED, "publisher": TYPED, "container_title": TYPED}), TYPED)
def test_no_text_breaks_out_of_its_field(fields, author):
    cited = cite_source(source(**fields, authors=[author]))
    assert set(re.findall("<[^>]*>", cited.apa)) <= {"<i>", "</i>"}
    depth = lowest = 0
    for sign in re.sub(r"\\[{}]", "", cited.bibtex):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        lowest = min(lowest, depth)
    assert (depth, lowest) == (0, 0)
    assert json.loads(cited.csl_json)["id"] == "ellis-2017"


# CSL-JSON


@pytest.mark.parametrize(
    ("edtf", "date"),
    [
        ("", None),
        ("2017", {"date-parts": [[2017]]}),
        ("2017-05-04", {"date-parts": [[2017, 5, 4]]}),
        ("2017-05-XX", {"date-parts": [[2017, 5]]}),
        ("2017-XX-XX", {"date-parts": [[2017]]}),
        ("2017-05~", {"date-parts": [[2017, 5]], "circa": True}),
        ("2017?", {"date-parts": [[2017]], "circa": True}),
        ("2017-21", {"date-parts": [[2017]], "season": 1}),
        ("1990/1999", {"date-parts": [[1990], [1999]]}),
        ("1990-05/1999~", {"date-parts": [[1990, 5], [1999]], "circa": True}),
        ("199X", {"literal": "199X"}),
        ("2016-10/..", {"literal": "2016-10/.."}),
        ("/2014", {"literal": "/2014"}),
        ("2016-21/2017", {"literal": "2016-21/2017"}),
        ("last spring", {"literal": "last spring"}),
    ],
)
def test_dates_become_what_csl_has_for_them(edtf, date):
    assert date_of(edtf) == date


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ellis, R. Evan", {"family": "Ellis", "given": "R. Evan"}),
        ("King, Martin Luther, Jr.", {"family": "King", "given": "Martin Luther", "suffix": "Jr."}),
        ("World Bank", {"literal": "World Bank"}),
        ("Ellis,", {"literal": "Ellis,"}),
    ],
)
def test_names_are_families_or_bodies(author, name):
    assert name_of(author) == name


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", " https:evil"])
def test_an_address_that_is_none_of_the_web_is_left_out(address):
    assert "URL" not in item_of(source(url=address))
    assert item_of(source(url=address, archive_url="https://a.org"))["URL"] == "https://a.org"


# BibTeX


def test_an_entry_of_bibtex_has_a_field_a_line():
    item = item_of(
        source(
            name="Coca & {crime}: 100%",
            authors=["Ellis, R. Evan", "Ministry of Trade and Tourism", "Rand and Co, B."],
            container_title="Journal_of Things",
            issued="2017-05~",
            url="https://example.org/a_b?x=1&y={2}",
            accessed="2018-01-02",
            pages="12–19",
        )
    )
    assert entry_of(item) == (
        "@article{ellis-2017,\n"
        "  author = {Ellis, R. Evan and {Ministry of Trade and Tourism} and Rand {and} Co, B.},\n"
        "  title = {{Coca \\& \\{crime\\}: 100\\%}},\n"
        "  journal = {Journal\\_of Things},\n"
        "  year = {2017},\n"
        "  date = {2017-05~},\n"
        "  pages = {12--19},\n"
        "  url = {https://example.org/a_b?x=1&y=%7B2%7D},\n"
        "  urldate = {2018-01-02},\n"
        "}\n"
    )


# Downloads


@pytest.mark.django_db
def test_a_list_of_sources_is_a_bibliography_of_what_it_shows(client):
    shown, other, draft = (
        make_source(name="Coca report"),
        make_source(name="Gold report"),
        make_source(name="Coca draft"),
    )
    publish(shown, other)
    client.force_login(make_reader())
    entries = client.get("/sources/?q=coca&format=bibtex").getvalue().decode()
    assert re.findall(r"@\w+{([\w-]+),", entries) == [shown.slug]
    items = json.loads(client.get("/sources/?format=csl-json").getvalue())
    assert {item["id"] for item in items} == {shown.slug, other.slug}
    assert draft.slug not in entries
    assert json.loads(client.get("/sources/?q=nothing-of-this&format=csl-json").getvalue()) == []
    refused = client.get("/sources/?format=word").content.decode()
    assert "There is no download as “word”" in refused
    assert "format=bibtex" in refused


@pytest.mark.django_db
def test_a_page_downloads_its_own_citation_and_its_sources(client):
    group, seen, draft = make_group(name="Clan", slug="clan"), make_source(), make_source()
    for each in (seen, draft):
        make_presence(group=group, source=each)
    claim = make_presence(group=group, source=seen)
    publish(group, seen, claim.region)
    client.force_login(make_reader())
    item = json.loads(client.get("/groups/clan/?format=csl-json").getvalue())[0]
    assert item["title"] == "Clan"
    assert item["URL"] == "http://testserver/groups/clan/"
    sources = json.loads(client.get("/groups/clan/?format=sources-csl-json").getvalue())
    slugs = {each["id"] for each in sources}
    assert seen.slug in slugs
    assert draft.slug not in slugs
    assert client.get(f"{seen.get_absolute_url()}?format=bibtex").getvalue().decode().startswith("@online{" + seen.slug)
    assert client.get(f"{draft.get_absolute_url()}?format=bibtex").status_code == 404
    refused = client.get("/groups/clan/?format=<b>")
    assert refused.status_code == 200
    assert "There is no download as “&lt;b&gt;”" in refused.content.decode()
