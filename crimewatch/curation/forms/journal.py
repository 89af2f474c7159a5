"""What is asked of the journal and of the queue of reviews, and what is written there."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crimewatch.curation.models import LONGEST_TEXT, JournalEntry, may_read

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db import models

    from crimewatch.records.models import Record

#: Pages of a list of the journal or of the queue.
LAST_PAGE = 400

#: Stands for whoever asks.
ME = "me"


def people() -> Any:
    """Those who work on the database."""
    return get_user_model().objects.filter(is_staff=True, is_active=True).order_by("username")


class PersonField(forms.ModelChoiceField):
    """One of those who work on the database, by login."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=people(), to_field_name="username", required=False, **kwargs)
        self.error_messages["invalid_choice"] = _("Nobody who works on the database has the login “%(value)s”.")

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_full_name() or obj.get_username())


class EntryForm(forms.ModelForm):
    """A comment or a question; the instance says about what, and by whom."""

    assigned_to = PersonField(label=_("For"), empty_label=_("nobody in particular"))

    class Meta:
        model = JournalEntry
        fields = ("text", "is_question", "assigned_to")
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_TEXT})}
        labels = {"text": _("Comment"), "is_question": _("It is a question, which stays open until somebody closes it")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text: Any = self.fields["text"]
        text.error_messages["required"] = _("Write something first.")
        text.error_messages["max_length"] = _(
            "The text has %(show_value)d characters, and may have %(limit_value)d: shorten it."
        )

    def clean_assigned_to(self) -> "User | None":
        person: User | None = self.cleaned_data["assigned_to"]
        if person is not None:
            refuse_outsider(person, self.instance.about)
        return person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("assigned_to") and not cleaned.get("is_question"):
            cleaned["is_question"] = self.instance.is_question = True  # what is for somebody is a question
        return cleaned


def refuse_outsider(person: "User", about: Any) -> None:
    """Refuse to ask somebody who may not see what the question is about."""
    if not may_read(person, about):
        sentence = _("%(person)s does not see this record: ask somebody else.")
        raise ValidationError(sentence, params={"person": person.get_username()}, code="outsider")


class AnswerForm(forms.ModelForm):
    """An answer to a question."""

    class Meta:
        model = JournalEntry
        fields = ("text",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = _("Write something first.")


class AssignForm(forms.Form):
    """Whom a question is for."""

    assigned_to = PersonField()

    def __init__(self, entry: JournalEntry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry

    def clean_assigned_to(self) -> "User | None":
        person: User | None = self.cleaned_data["assigned_to"]
        if person is not None:
            refuse_outsider(person, self.entry.about)
        return person


class PagedForm(forms.Form):
    """A page of a list."""

    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LAST_PAGE,
        widget=forms.HiddenInput,
        error_messages={
            "invalid": _("The page is not a number: write one from 1 on."),
            "min_value": _("Pages are counted from 1."),
            "max_value": _("There are at most %(limit_value)d pages: narrow the list down."),
        },
    )

    def given(self, name: str) -> Any:
        """What was asked for; nothing where that made no sense."""
        return getattr(self, "cleaned_data", {}).get(name)


class KindField(forms.ChoiceField):
    """A kind of record, by the name of its model."""

    def __init__(self) -> None:
        super().__init__(label=_("kind"), required=False)
        self.error_messages["invalid_choice"] = _("There is no kind of record or claim “%(value)s”.")

    def offer(self, models: "list[type[models.Model]]") -> None:
        names = [(str(model._meta.model_name), capfirst(str(model._meta.verbose_name_plural))) for model in models]
        self.choices = [("", _("any")), *names]


class ReviewForm(PagedForm):
    """What waits for review: of which kind, and sent by whom."""

    kind = KindField()
    by = PersonField(label=_("sent by"), empty_label=_("anybody"))
    mine = forms.ChoiceField(
        label=_("that I"),
        required=False,
        choices=[("", _("may see")), ("decide", _("may publish now")), ("sent", _("sent or worked on"))],
        error_messages={"invalid_choice": _("“%(value)s” is not a choice: write decide or sent, or leave it out.")},
    )

    def __init__(self, models: "list[type[Record]]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].offer(models)  # type: ignore[attr-defined]


class QuestionsForm(PagedForm):
    """Questions: for whom, and whether they are open."""

    person = PersonField(label=_("for"), empty_label=_("anybody"))
    state = forms.ChoiceField(
        label=_("state"),
        required=False,
        choices=[("", _("open")), ("closed", _("closed")), ("all", _("open and closed"))],
        error_messages={"invalid_choice": _("“%(value)s” is not a choice: write closed or all, or leave it out.")},
    )
    kind = KindField()

    def __init__(self, models: "list[type[models.Model]]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].offer(models)  # type: ignore[attr-defined]
