"""The pages of agencies and state responses, and how the claims about them read."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from crimewatch.citations.profiles import in_words, sentence
from crimewatch.records.models import Record
from programs.models import Agency, Appointment, Assessment, Milestone, Program, Target
from regions.profiles import PlacedProfile


@sentence.register
def _appointment(claim: Appointment, _seen_from: Record | None = None) -> list[Record | str]:
    end = " ".join(filter(None, [claim.get_ended_display(), in_words(claim.ended_on)]))
    return [claim.person, "·", claim.post, "·", claim.agency, *(["·", end] if end else [])]


@sentence.register
def _target(claim: Target, _seen_from: Record | None = None) -> list[Record | str]:
    words: list[Record | str] = [claim.program, "→"]
    for aim in filter(None, (claim.activity, claim.group, claim.region)):
        words += [aim, "·"]
    return words[:-1]


@sentence.register
def _milestone(claim: Milestone, _seen_from: Record | None = None) -> list[Record | str]:
    phase = claim.get_new_phase_display()
    return [claim.program, "·", claim.event, *(["→", phase] if phase else [])]


@sentence.register
def _assessment(claim: Assessment, _seen_from: Record | None = None) -> list[Record | str]:
    verdict = f"{claim.get_verdict_display()} ({claim.get_basis_display()})"
    return [claim.program, "·", verdict, "·", claim.statement]


class AgencyProfile(PlacedProfile):
    """An agency: who heads it, what it leads and takes part in."""

    model = Agency
    kind_field = "kind"
    related: ClassVar[dict[str, Any]] = {
        "children": _("Agencies in it"),
        "led_programs": _("Leads"),
        "partnered_programs": _("Partner in"),
    }
    titles: ClassVar[dict[str, Any]] = {"appointment": _("People in its posts")}


class ProgramProfile(PlacedProfile):
    """A state response: who runs it, what it is aimed at, its course and how well it works."""

    model = Program
    kind_field = "kind"
    related: ClassVar[dict[str, Any]] = {"lead_agencies": _("Lead agencies"), "partner_agencies": _("Partner agencies")}
    titles: ClassVar[dict[str, Any]] = {
        "target": _("What it is aimed at"),
        "milestone": _("Its course"),
        "assessment": _("How well it works"),
        "figures": _("Figures"),
    }
