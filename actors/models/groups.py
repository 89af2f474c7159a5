"""Criminal groups: where they are, what they do, how many they are and how they stand to one another."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.querysets import GroupQuerySet
from crimewatch.citations.models import Citation, Claim, Estimate
from crimewatch.records.fields import EDTFField, period_of
from crimewatch.records.history import tracked
from crimewatch.records.models import Record
from regions.models import IllicitActivity, Region


class GroupKind(models.TextChoices):
    """The five actor types of the Global Organized Crime Index, and three that this field adds."""

    MAFIA_STYLE = "mafia-style-group", _("mafia-style group")
    NETWORK = "criminal-network", _("criminal network")
    STATE_EMBEDDED = "state-embedded-actor", _("state-embedded actor")
    FOREIGN = "foreign-actor", _("foreign actor")
    PRIVATE_SECTOR = "private-sector-actor", _("private sector actor")
    FAMILY_CLAN = "family-clan", _("family clan")
    INSURGENT = "insurgent-or-terrorist-group", _("insurgent or terrorist group")
    STREET_GANG = "street-gang", _("street gang")


class ActivityState(models.TextChoices):
    """Whether a group is at work."""

    ACTIVE = "active", _("active")
    DORMANT = "dormant", _("dormant")
    DEFUNCT = "defunct", _("defunct")
    UNKNOWN = "unknown", _("unknown")


class PresenceKind(models.TextChoices):
    """In what way a group is in a place."""

    BASE = "base", _("has its base in")
    OPERATES = "operates", _("operates in")
    TRANSIT = "transit", _("passes through")
    INFLUENCE = "influence", _("has influence in")


class InvolvementRole(models.TextChoices):
    """What a group does in an activity."""

    PRODUCES = "produces", _("produces")
    PROCESSES = "processes", _("processes")
    TRANSPORTS = "transports", _("transports")
    TRADES = "trades", _("trades")
    FINANCES = "finances", _("finances")
    TAXES = "taxes", _("taxes or protects")
    SUPPLIES = "supplies", _("supplies")
    LAUNDERS = "launders", _("launders")
    PERPETRATES = "perpetrates", _("carries out")
    TAKES_PART = "takes-part", _("takes part in")


class RelationKind(models.TextChoices):
    """How one group stands to another, read from the first to the second. The converse reads it from the second."""

    FACTION_OF = "faction-of", _("is a faction of")
    SPLINTER_OF = "splinter-of", _("split from")
    SUCCESSOR_OF = "successor-of", _("succeeds")
    ALLY_OF = "ally-of", _("is allied with")
    RIVAL_OF = "rival-of", _("is a rival of")
    EXTORTS = "extorts", _("extorts")
    SUPPLIES = "supplies", _("supplies")
    CONTROLS = "controls", _("controls")
    COLLABORATES_WITH = "collaborates-with", _("works with")

    @property
    def converse(self) -> str:
        """The relation as it reads from the second group to the first."""
        return str(CONVERSES[self])


CONVERSES = {
    RelationKind.FACTION_OF: _("has the faction"),
    RelationKind.SPLINTER_OF: _("lost the splinter"),
    RelationKind.SUCCESSOR_OF: _("is succeeded by"),
    RelationKind.ALLY_OF: _("is allied with"),
    RelationKind.RIVAL_OF: _("is a rival of"),
    RelationKind.EXTORTS: _("is extorted by"),
    RelationKind.SUPPLIES: _("is supplied by"),
    RelationKind.CONTROLS: _("is controlled by"),
    RelationKind.COLLABORATES_WITH: _("works with"),
}


@tracked
class Group(Record):
    """A criminal group, faction, clan or network, named or collective (the family clans of the VRAEM)."""

    kind = models.CharField(_("kind"), max_length=40, choices=GroupKind.choices)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=ActivityState.choices,
        default=ActivityState.UNKNOWN,
        help_text=_("As far as the claims tell."),
    )
    is_collective = models.BooleanField(
        _("collective"),
        default=False,
        help_text=_("Not one group but many of a kind that no source names, such as family clans."),
    )
    founded = EDTFField(_("founded"), help_text=_("EDTF: 1969, 198X, 1980-05-17"))
    founded_period = period_of("founded")
    dissolved = EDTFField(_("dissolved"), help_text=_("EDTF; empty while it exists or where nothing is known."))
    dissolved_period = period_of("dissolved")

    objects: ClassVar[GroupQuerySet[Self]] = GroupQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Record.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=GroupKind.values),
                name="actors_group_kind_is_known",
                violation_error_message=_("The kind is not one of the kinds of group."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ActivityState.values),
                name="actors_group_state_is_known",
                violation_error_message=_("The state is one of: active, dormant, defunct, unknown."),
            ),
            models.CheckConstraint(
                condition=(Q(founded="") | Q(founded_period__isnull=False))
                & (Q(dissolved="") | Q(dissolved_period__isnull=False)),
                name="actors_group_dates_are_edtf",
                violation_error_message=_("The dates of founding and dissolution must be EDTF, as in 1980-05."),
            ),
            models.CheckConstraint(
                condition=Q(founded="") | Q(dissolved="") | ~Q(dissolved_period__fully_lt=models.F("founded_period")),
                name="actors_group_ends_after_it_begins",
                violation_error_message=_("A group cannot be dissolved before it was founded."),
            ),
        ]


@tracked
class Presence(Claim):
    """A group is in a region."""

    subject = "group"

    group = models.ForeignKey(Group, verbose_name=_("group"), on_delete=models.CASCADE, related_name="presences")
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="presences")
    kind = models.CharField(
        _("in what way"), max_length=20, choices=PresenceKind.choices, default=PresenceKind.OPERATES
    )

    class Meta(Claim.Meta):
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=PresenceKind.values),
                name="actors_presence_kind_is_known",
                violation_error_message=_("A presence is one of: base, operates, transit, influence."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.get_kind_display()} {self.region}"


@tracked
class Involvement(Claim):
    """A group has a part in an activity, in a region where the source says so."""

    subject = "group"

    group = models.ForeignKey(Group, verbose_name=_("group"), on_delete=models.CASCADE, related_name="involvements")
    activity = models.ForeignKey(
        IllicitActivity,
        verbose_name=_("illicit activity"),
        on_delete=models.PROTECT,
        related_name="involvements",
    )
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="involvements",
    )
    role = models.CharField(
        _("role"), max_length=20, choices=InvolvementRole.choices, default=InvolvementRole.TAKES_PART
    )

    class Meta(Claim.Meta):
        verbose_name = _("involvement")
        verbose_name_plural = _("involvements")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(role__in=InvolvementRole.values),
                name="actors_involvement_role_is_known",
                violation_error_message=_("The role in an activity is not one of the listed ones."),
            ),
        ]

    def __str__(self) -> str:
        place = f" · {self.region}" if self.region else ""
        return f"{self.group} {self.get_role_display()} {self.activity}{place}"


@tracked
class Relation(Claim):
    """A group stands in some relation to another; it reads from the first to the second."""

    subject = "group"

    group = models.ForeignKey(Group, verbose_name=_("group"), on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(_("relation"), max_length=20, choices=RelationKind.choices)
    other = models.ForeignKey(
        Group, verbose_name=_("other group"), on_delete=models.PROTECT, related_name="converse_relations"
    )

    class Meta(Claim.Meta):
        verbose_name = _("relation between groups")
        verbose_name_plural = _("relations between groups")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=RelationKind.values),
                name="actors_relation_kind_is_known",
                violation_error_message=_("The relation is not one of the listed ones."),
            ),
            models.CheckConstraint(
                condition=~Q(group=models.F("other")),
                name="actors_relation_joins_two_groups",
                violation_error_message=_("A group cannot stand in a relation to itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.get_kind_display()} {self.other}"


@tracked
class GroupEstimate(Estimate):
    """A figure about a group: combatants, deaths it caused."""

    subject = "group"

    group = models.ForeignKey(Group, verbose_name=_("group"), on_delete=models.CASCADE, related_name="estimates")

    class Meta(Estimate.Meta):
        verbose_name = _("figure on a group")
        verbose_name_plural = _("figures on groups")
        indexes = [*Estimate.Meta.indexes, models.Index("indicator", "group", name="%(class)s_measure")]


@tracked
class GroupCitation(Citation):
    """What a source says of a group in words."""

    record = models.ForeignKey(Group, verbose_name=_("group"), on_delete=models.CASCADE, related_name="citations")

    class Meta(Citation.Meta):
        verbose_name = _("statement on a group")
        verbose_name_plural = _("statements on groups")
