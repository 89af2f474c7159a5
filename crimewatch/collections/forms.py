"""What is typed of collections and tags."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crimewatch.collections.models import LONGEST_NOTE, Collection, Tag, free_key


class KeyedForm(forms.ModelForm):
    """A form of something with a key, which is made from its name where it is left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("Stands in addresses. Left empty, it is made from the name.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("slug") and "slug" not in self.errors and cleaned.get("name"):
            cleaned["slug"] = self.instance.slug or free_key(self._meta.model, cleaned["name"])
        return cleaned


class CollectionForm(KeyedForm):
    """A collection; its owner is whoever makes it."""

    class Meta:
        model = Collection
        fields = ("name", "description", "audience", "is_common", "slug")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class TagForm(KeyedForm):
    """A word of the vocabulary of tags."""

    class Meta:
        model = Tag
        fields = ("name", "description", "slug")
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}


class NoteForm(forms.Form):
    """What is to be said of a row where it is put."""

    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False)


class ChoiceByKeyField(forms.ModelChoiceField):
    """One of some things with keys."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, to_field_name="slug", required=False, **kwargs)
        self.error_messages["invalid_choice"] = _("There is none with the key “%(value)s” that you may use.")


class PutForm(NoteForm):
    """Where some rows are to be put: into which collection, an old or a new one, and under or from under which tags."""

    collection = ChoiceByKeyField(label=_("Collection"), empty_label=_("none"))
    new_collection = forms.CharField(label=_("Or a new one, for yourself, called"), max_length=120, required=False)
    add_tag = ChoiceByKeyField(label=_("Put this tag on"), empty_label=_("none"))
    take_collection = ChoiceByKeyField(label=_("Take out of"), empty_label=_("none"))
    take_tag = ChoiceByKeyField(label=_("Take this tag off"), empty_label=_("none"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("It stands in the history beside what is done here."),
    )

    field_order = ("collection", "new_collection", "note", "take_collection", "add_tag", "take_tag", "reason")

    def __init__(self, *args: Any, user: Any, tags: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "use_required_attribute": False, **kwargs})
        mine: Any = Collection.objects.changeable_by(user)
        for name in ("collection", "take_collection"):
            self.fields[name].queryset = mine  # type: ignore[attr-defined]
        for name in ("add_tag", "take_tag"):
            if tags:
                self.fields[name].queryset = Tag.objects.all()  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        asked = [cleaned.get(name) for name in self.fields if name not in {"note", "reason"}]
        if not any(asked) and not self.errors:
            raise ValidationError(_("Say into which collection, or which tag."))
        if cleaned.get("collection") and cleaned.get("new_collection"):
            raise ValidationError(_("Choose a collection or name a new one, not both."))
        for into, out in (("collection", "take_collection"), ("add_tag", "take_tag")):
            if cleaned.get(into) and cleaned.get(into) == cleaned.get(out):
                sentence = _("“%(name)s” cannot be both put and taken away.")
                raise ValidationError(sentence, params={"name": cleaned[into]})
        return cleaned
