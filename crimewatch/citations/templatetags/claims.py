"""What stands behind each claim, as HTML. A page has a hundred of them: as templates they take most of its time."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from crimewatch.citations.models import ClaimStatus
from crimewatch.citations.profiles.shown import Band, ShownClaim

register = template.Library()


@register.filter
def graded(shown: ShownClaim) -> SafeString:
    """When it was, how the source puts it and who says so, how credible it is, and what it does for the record."""
    claim = shown.claim
    parts = [format_html('<span class="when">{}</span>', shown.when)] if shown.when else []
    parts.append(_marked("wording", claim.wording, claim.get_wording_display()))
    if claim.attributed_to:
        parts.append(format_html("<span>{}</span>", gettext("according to %(name)s") % {"name": claim.attributed_to}))
    grade = '<span><span class="grade grade-{}" aria-hidden="true"></span>{}</span>'
    parts += [format_html(grade, claim.credibility, claim.get_credibility_display()), stance(shown)]
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped


@register.filter
def stance(shown: ShownClaim) -> SafeString:
    """Whether it supports or disputes what it says, and its status where that is not the ordinary one."""
    claim = shown.claim
    words = _marked("stance", claim.stance, claim.get_stance_display())
    if claim.status == ClaimStatus.ACCEPTED:
        return words
    return format_html('{} <span class="badge warn">{}</span>', words, claim.get_status_display())


def _marked(what: str, value: str, label: str) -> SafeString:
    """A word of a vocabulary with its small mark."""
    text = '<span class="{0} {0}-{1}"><span class="mark" aria-hidden="true"></span>{2}</span>'
    return format_html(text, what, value, label)


@register.filter
def drawn(band: Band) -> SafeString:
    """Low, best and high as a picture in the line."""
    lines = [format_html('<rect class="reach" x="{}" y="3" width="{}" height="6"/>', band.start, band.width)]
    if band.known_end:
        lines.append(format_html('<line class="end" x1="{0}" y1="3" x2="{0}" y2="9"/>', band.known_end))
    if band.best:
        lines.append(format_html('<line class="best" x1="{0}" y1="1" x2="{0}" y2="11"/>', band.best))
    return format_html(
        '<svg class="band{}" viewBox="-3 0 106 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<line class="axis" x1="0" y1="6" x2="100" y2="6"/>{}</svg>',
        f" fades-{band.fades}" if band.fades else "",
        mark_safe("".join(lines)),  # noqa: S308 - each is escaped
    )
