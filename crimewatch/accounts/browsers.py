"""What a browser says of itself, in a few words for a list of sessions."""

from django.utils.translation import gettext as _

#: What names a browser; the first that is found counts, for most claim to be several.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iPadOS",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def in_words(user_agent: str) -> str:
    """``Firefox, Linux``; what neither name is found in is shortened and shown as it is."""
    found = [next((name for mark, name in names.items() if mark in user_agent), None) for names in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:60] or _("unknown browser")
