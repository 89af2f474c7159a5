"""How sources and pages are cited: in APA and Chicago style, as BibTeX and as CSL-JSON."""

from .cited import Cited, cite_page, cite_source
from .csl import item_of
from .files import BIBLIOGRAPHIES, bibliography

__all__ = ["BIBLIOGRAPHIES", "Cited", "bibliography", "cite_page", "cite_source", "item_of"]
