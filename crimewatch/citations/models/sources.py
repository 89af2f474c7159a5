"""Documents that claims are taken from, as items of the Citation Style Language (CSL)."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crimewatch.records.alike import Identity, same_address, same_doi, same_title_and_date
from crimewatch.records.fields import EDTFField, is_edtf, period_of, record_stems_of, search_key_of
from crimewatch.records.history import tracked
from crimewatch.records.models import Record


class SourceType(models.TextChoices):
    """The item types of CSL 1.0.2, in its own spelling."""

    ARTICLE = "article", _("preprint or other article")
    ARTICLE_JOURNAL = "article-journal", _("journal article")
    ARTICLE_MAGAZINE = "article-magazine", _("magazine article")
    ARTICLE_NEWSPAPER = "article-newspaper", _("newspaper article")
    BILL = "bill", _("bill")
    BOOK = "book", _("book")
    BROADCAST = "broadcast", _("broadcast")
    CHAPTER = "chapter", _("chapter")
    CLASSIC = "classic", _("classical work")
    COLLECTION = "collection", _("archival collection")
    DATASET = "dataset", _("dataset")
    DOCUMENT = "document", _("document")
    ENTRY = "entry", _("entry in a database or catalogue")
    ENTRY_DICTIONARY = "entry-dictionary", _("dictionary entry")
    ENTRY_ENCYCLOPEDIA = "entry-encyclopedia", _("encyclopedia entry")
    EVENT = "event", _("event")
    FIGURE = "figure", _("figure")
    GRAPHIC = "graphic", _("graphic")
    HEARING = "hearing", _("hearing")
    INTERVIEW = "interview", _("interview")
    LEGAL_CASE = "legal_case", _("legal case")
    LEGISLATION = "legislation", _("legislation")
    MANUSCRIPT = "manuscript", _("manuscript")
    MAP = "map", _("map")
    MOTION_PICTURE = "motion_picture", _("film or video")
    MUSICAL_SCORE = "musical_score", _("musical score")
    PAMPHLET = "pamphlet", _("pamphlet")
    PAPER_CONFERENCE = "paper-conference", _("conference paper")
    PATENT = "patent", _("patent")
    PERFORMANCE = "performance", _("performance")
    PERIODICAL = "periodical", _("periodical")
    PERSONAL_COMMUNICATION = "personal_communication", _("personal communication")
    POST = "post", _("post")
    POST_WEBLOG = "post-weblog", _("blog post")
    REGULATION = "regulation", _("regulation")
    REPORT = "report", _("report")
    REVIEW = "review", _("review")
    REVIEW_BOOK = "review-book", _("book review")
    SOFTWARE = "software", _("software")
    SONG = "song", _("recording")
    SPEECH = "speech", _("speech")
    STANDARD = "standard", _("standard")
    THESIS = "thesis", _("thesis")
    TREATY = "treaty", _("treaty")
    WEBPAGE = "webpage", _("web page")


class Reliability(models.TextChoices):
    """How far a source can be relied on: the first scale of the NATO Admiralty code."""

    A = "A", _("A · completely reliable")
    B = "B", _("B · usually reliable")
    C = "C", _("C · fairly reliable")
    D = "D", _("D · not usually reliable")
    E = "E", _("E · unreliable")
    F = "F", _("F · cannot be judged")


validate_doi = RegexValidator(
    r"\A10\.[0-9]{4,9}/\S+\Z",
    _("“%(value)s” is not a DOI: write it without an address, as in 10.1000/182."),
    code="doi",
)


def source_file_path(source: "Source", filename: str) -> str:
    """Files are kept under the source's key, outside the public folders."""
    return f"sources/{source.slug}/{filename}"


#: What a source goes by beside its title: other titles and those who wrote it.
NAMES = models.Func(
    models.F("aliases"), models.F("authors"), function="array_cat", output_field=ArrayField(models.TextField())
)


@tracked
class Source(Record):
    """A document that claims are taken from; its key is the citekey.

    ``name`` is CSL's ``title`` and ``source_type`` its ``type``. Publisher and authors tell which sources are
    independent.
    """

    source_type = models.CharField(
        _("type"),
        max_length=30,
        choices=SourceType.choices,
        default=SourceType.WEBPAGE,
        help_text=_("As in CSL."),
    )
    authors = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("authors"),
        default=list,
        blank=True,
        help_text=_("One a line, family name first: Ellis, R. Evan. A body is written as it is: World Bank."),
    )
    container_title = models.CharField(
        _("published in"),
        max_length=300,
        blank=True,
        help_text=_("The journal, newspaper, book or site it is part of."),
    )
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    publisher_place = models.CharField(_("place of publication"), max_length=200, blank=True)
    issued = EDTFField(_("issued"), help_text=_("EDTF: 2017-05-04, 2017-05, 2017, 199X or 2017?"))
    issued_period = period_of("issued")
    volume = models.CharField(_("volume"), max_length=40, blank=True)
    issue = models.CharField(_("issue"), max_length=40, blank=True)
    pages = models.CharField(_("pages"), max_length=40, blank=True, help_text=_("As printed: 12–19."))
    url = models.URLField(_("address"), max_length=1000, blank=True)
    archive_url = models.URLField(
        _("archived copy"),
        max_length=1000,
        blank=True,
        help_text=_("A copy that stays when the page is gone."),
    )
    accessed = EDTFField(_("read on"), help_text=_("The day the address was read, as in 2017-05-12."))
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[validate_doi],
        help_text=_("Without an address: 10.1000/182."),
    )
    isbn = models.CharField("ISBN", max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True, help_text=_("A tag such as en, es or pt-BR."))
    reliability = models.CharField(
        _("reliability"),
        max_length=1,
        choices=Reliability.choices,
        default=Reliability.F,
        help_text=_(
            "Of the source in general, by the Admiralty code; the credibility of each claim is graded on its own."
        ),
    )
    note = models.TextField(_("note"), blank=True)
    full_text = models.TextField(
        _("full text"),
        blank=True,
        help_text=_("For your own search; never shown to readers or exported with the lists."),
    )
    file = models.FileField(_("file"), upload_to=source_file_path, max_length=300, blank=True)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True, editable=False)
    search_key = search_key_of("name", NAMES, "container_title", "publisher", "doi", "isbn", "url", "slug")
    search_stems = record_stems_of("name", NAMES, "container_title", "publisher", "summary", "note")

    identities: ClassVar[dict[str, Identity]] = {
        "doi": Identity(("doi", "url"), same_doi, 2),
        "address": Identity(("url",), same_address, 2),
        "title_and_date": Identity(("name", "issued"), same_title_and_date, 1.6),
    }
    told_apart_by: ClassVar[tuple[str, ...]] = ("issued", "container_title")
    fields_together: ClassVar[tuple[tuple[str, ...], ...]] = (*Record.fields_together, ("file", "file_sha256"))
    heavy_fields: ClassVar[tuple[str, ...]] = (*Record.heavy_fields, "note", "full_text")

    class Meta(Record.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=is_edtf("issued", "accessed"),
                name="citations_source_dates_are_edtf",
                violation_error_message=_("The dates of issue and of reading must be EDTF, as in 2017-05-04."),
            ),
            models.CheckConstraint(
                condition=Q(source_type__in=SourceType.values),
                name="citations_source_type_is_known",
                violation_error_message=_("The type is not one of the item types of CSL."),
            ),
            models.CheckConstraint(
                condition=Q(doi="") | Q(doi__regex=r"^10\.[0-9]{4,9}/\S+$"),
                name="citations_source_doi_is_a_doi",
                violation_error_message=_("A DOI is written without an address, as in 10.1000/182."),
            ),
            models.CheckConstraint(
                condition=Q(reliability__in=Reliability.values),
                name="citations_source_reliability_is_known",
                violation_error_message=_("The reliability is a letter from A to F."),
            ),
            models.UniqueConstraint(
                Lower("doi"),
                condition=~Q(doi=""),
                name="citations_source_doi_is_unique",
                violation_error_message=_("Another source has this DOI."),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.file_sha256 = self._sha256_of_file()
        super().save(*args, **kwargs)

    def short_citation(self) -> str:
        """The source as a line names it: ``Ellis 2017``, ``Ellis et al. 199X``; without authors, its name."""
        families = [author.split(",")[0].strip() for author in self.authors]
        if not families:
            return self.name
        who = f"{families[0]} et al." if len(families) > 2 else " & ".join(families)
        year = re.search(r"\d[\dX]{3}", self.issued)
        return f"{who} {year[0]}" if year else who

    def _sha256_of_file(self) -> str:
        """SHA-256 of the file; read from the disk only if the database does not have it for this very file."""
        if not self.file:
            return ""
        if not self.file._committed:  # noqa: SLF001 - Django has no public name for it
            digest = _sha256(self.file.chunks())
            self.file.seek(0)
            return digest
        same_file = type(self).objects.filter(pk=self.pk, file=self.file.name)
        known = same_file.values_list("file_sha256", flat=True).first()
        if known:
            return known
        with self.file.storage.open(self.file.name) as stored:
            return _sha256(stored.chunks())


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
