"""How a source is named in passing."""

import pytest

from crimewatch.citations.models import Source


@pytest.mark.parametrize(
    ("authors", "issued", "citation"),
    [
        (["Ellis, R. Evan"], "2017-05-04", "Ellis 2017"),
        (["Ellis, R. Evan", "García Pérez, Ana"], "2017?", "Ellis & García Pérez 2017"),
        (["Ellis, R. Evan", "García Pérez, Ana", "World Bank"], "199X", "Ellis et al. 199X"),
        (["World Bank"], "../2014", "World Bank 2014"),
        (["World Bank"], "", "World Bank"),
        ([], "2017", "Organized Crime in Peru"),
    ],
)
def test_a_short_citation_has_family_names_and_a_year_or_else_the_title(
    authors: list[str], issued: str, citation: str
) -> None:
    source = Source(name="Organized Crime in Peru", authors=authors, issued=issued)
    assert source.short_citation() == citation
