"""The saved filters of a list, for its page."""

from typing import Any

from django import template

from crimewatch.explorer.saved import own_filters, shared_filters

register = template.Library()


@register.inclusion_tag("explorer/_saved.html", takes_context=True)
def saved_filters(context: Any) -> dict[str, Any]:
    """What the viewer has saved of the list that ``context`` shows, what others share, and a form to save it as it is.

    Nothing for who has no login.
    """
    request, view = context["request"], context["view"]
    if not request.user.is_authenticated:
        return {}
    list_name = request.resolver_match.view_name
    return {
        "csrf_token": context.get("csrf_token"),
        "list_name": list_name,
        "saved_query": context["saved_query"],
        "own": own_filters(view, list_name),
        "shared": shared_filters(view, list_name),
    }
