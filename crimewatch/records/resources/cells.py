"""How values stand in the cells of a CSV file: lists, plain numbers, text that no spreadsheet runs as a formula."""

import re
from collections.abc import Iterable
from decimal import Decimal

GUARD = "'"
SEPARATOR = "|"

# What Excel, LibreOffice and Google Sheets take for the beginning of a formula, and the guard itself.
RISKY = ("=", "+", "-", "@", "\t", "\r", GUARD)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_TOKEN = re.compile(r"\\[\\|\s]|\||.", re.DOTALL)


def guard(text: str) -> str:
    """`text` as it is written to a cell: with an apostrophe before what a spreadsheet would run."""
    if text.startswith(RISKY) and not _PLAIN_NUMBER.fullmatch(text):
        return GUARD + text
    return text


def unguard(cell: str) -> str:
    """The text that `guard` wrote as `cell`. Other text is left as it is, an apostrophe of its own included."""
    if cell.startswith(GUARD) and cell[1:].startswith(RISKY):
        return cell[1:]
    return cell


def join_list(items: Iterable[str]) -> str:
    r"""The items with `|` between them. Within an item `|` is written `\|` and a backslash `\\`.

    A space at either end of an item has a backslash before it as well, as bare ones mean nothing there.
    """
    return SEPARATOR.join(_escaped(item) for item in items)


def split_list(cell: str) -> list[str]:
    """The items that `join_list` wrote, without bare spaces around them. Empty ones are for the caller to refuse."""
    if not cell.strip():
        return []
    if "\\" not in cell:
        return [item.strip() for item in cell.split(SEPARATOR)]
    items: list[list[str]] = [[]]
    for token in _TOKEN.findall(cell):
        if token == SEPARATOR:
            items.append([])
        else:
            items[-1].append(token)
    return [_unescaped(tokens) for tokens in items]


def is_plain_number(text: str) -> bool:
    """Whether `text` is written with digits, at most one point and a minus: no exponent, nothing between thousands."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def is_text(text: str) -> bool:
    """Whether a database keeps it: it does not keep NUL, nor halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def plain_number(value: Decimal) -> str:
    """The number without an exponent and without zeros that say nothing: `40441.18`, `55000`."""
    return f"{value.normalize():f}" if value else "0"


def _escaped(item: str) -> str:
    item = item.replace("\\", "\\\\").replace(SEPARATOR, f"\\{SEPARATOR}")
    inner = item.strip()
    if inner == item:
        return item
    if len(item) == 1:
        return f"\\{item}"
    start = f"\\{item[0]}" if item[0].isspace() else item[0]
    end = f"\\{item[-1]}" if item[-1].isspace() else item[-1]
    return start + item[1:-1] + end


def _unescaped(tokens: list[str]) -> str:
    while tokens and tokens[0].isspace():
        del tokens[0]
    while tokens and tokens[-1].isspace():
        del tokens[-1]
    return "".join(token[1:] if len(token) == 2 else token for token in tokens)
