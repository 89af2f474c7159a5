"""What people say of a file or of an export: which table, how to read it, which columns."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.outgoing import FORMS
from crimewatch.records.resources import ENCODINGS
from crimewatch.records.resources.files import DELIMITERS


def table_choices(tables: list[Table]) -> list[tuple[str, str]]:
    return [(table.name, capfirst(str(table.model._meta.verbose_name_plural))) for table in tables]


class UploadForm(forms.Form):
    """A file, the table that it is for, and why."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX, JSON lines, or a ZIP archive of several tables."),
    )
    table = forms.ChoiceField(
        label=gettext_lazy("Table"),
        required=False,
        help_text=gettext_lazy("Not needed where the file, or each sheet of it, is named after its table."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Why you import it. It stands in the history of every row."),
    )

    def __init__(self, *args: Any, tables: list[Table], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["table"].choices = [("", _("as the name of the file says")), *table_choices(tables)]  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs["accept"] = ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson,.zip"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT:
            raise ValidationError(
                _("The file has %(size)s, and at most %(limit)s are read: split it, or run import_dataset there.")
                % {"size": filesizeformat(file.size), "limit": filesizeformat(settings.UPLOAD_LIMIT)},
                code="size",
            )
        return file


class ReadingForm(forms.Form):
    """How a file is read, for somebody who knows better than what it looks like."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=gettext_lazy("Between the cells"), required=False)
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    table = forms.ChoiceField(label=gettext_lazy("Table"), required=False)

    def __init__(self, *args: Any, reading: dict[str, Any], tables: list[Table], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        read_as = reading["read_as"]
        choices: dict[str, list[tuple[str, Any]]] = {
            "encoding": [("", _("as it looks")), *ENCODINGS.items()],
            "delimiter": [("", _("as it looks")), *((sign, name) for sign, name in DELIMITERS.items())],
            "sheet": [(name, name) for name in read_as.get("sheets", "").split("\n") if name],
            "table": [("", "–"), *table_choices(tables)],
        }
        if read_as.get("form") != "csv":
            choices["encoding"] = choices["delimiter"] = []
        for name, values in choices.items():
            if len(values) > 1:
                self.fields[name].choices = values  # type: ignore[attr-defined]
            else:
                del self.fields[name]


class ExportForm(forms.Form):
    """Which table, or all of them, and in which form."""

    table = forms.ChoiceField(label=gettext_lazy("Table"), required=False)
    form = forms.ChoiceField(label=gettext_lazy("Form"), choices=list(FORMS.items()), initial="zip")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["table"].choices = [("", _("all tables")), *table_choices(list(TABLES))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("table") and cleaned["table"] not in TABLES_BY_NAME:
            raise ValidationError(_("There is no such table."))
        return cleaned
