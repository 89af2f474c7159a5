"""Words some of which lead to pages, as HTML."""

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from crimewatch.records.profiles import Piece

register = template.Library()


@register.filter
def linked(pieces: Iterable[Piece], between: str = ", ") -> SafeString:
    """The words of ``pieces``, as links where they lead somewhere, with some text between them.

    A page has hundreds of them, which as a template of its own would take much of its time.
    """
    texts = (
        f'<a href="{conditional_escape(piece.address)}">{conditional_escape(piece.text)}</a>'
        if piece.address
        else conditional_escape(piece.text)
        for piece in pieces
    )
    return mark_safe(conditional_escape(between).join(texts))  # noqa: S308 - all of it is escaped above
