"""The data model as Mermaid class diagrams, drawn from the models: one of what all share, and one for each app."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from crimewatch.citations.models import Citation, Claim, Estimate
from crimewatch.records.fields import EDTFField
from crimewatch.records.models import Record

#: What the records and claims of all apps are made of, the widest first.
ABSTRACT: tuple[type[models.Model], ...] = (Record, Claim, Citation, Estimate)

#: The word for what a field holds; the first that fits. What has choices is named for its vocabulary instead.
KINDS_OF_FIELD: tuple[tuple[type[Any], str], ...] = (
    (EDTFField, "EDTF"),
    (models.SlugField, "key"),
    (models.URLField, "address"),
    (models.FileField, "file"),
    (models.CharField, "text"),
    (models.TextField, "text"),
    (ArrayField, "texts"),
    (models.DecimalField, "number"),
    (models.IntegerField, "integer"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "time"),
    (models.JSONField, "JSON"),
)

#: Boxes without the empty half where Mermaid would list methods.
SETTINGS = ("---", "config:", "  class:", "    hideEmptyMembersBox: true", "---")

BLOCK = re.compile(r"(<!-- diagram: ([a-z]+) -->\n).*?(<!-- end of diagram -->)", re.DOTALL)


def kinds() -> list[type[Record | Claim]]:
    """Every kind of record and claim, those of the lowest app first."""
    return [
        model
        for app in reversed(list(apps.get_app_configs()))
        for model in app.get_models()
        if issubclass(model, Record | Claim)
    ]


def vocabularies() -> list[type[models.Choices]]:
    """Every vocabulary of the apps that have records and claims, and of those that these are made from."""
    ours = {kind.__module__ for model in kinds() for kind in model.__mro__ if issubclass(kind, models.Model)}
    pending: list[type[models.Choices]] = [models.TextChoices, models.IntegerChoices]
    found = []
    while pending:
        subclasses = pending.pop().__subclasses__()
        pending += subclasses
        found += [vocabulary for vocabulary in subclasses if vocabulary.__module__ in ours]
    return sorted(found, key=lambda vocabulary: vocabulary.__name__)


def diagrams() -> dict[str, str]:
    """Each diagram's Mermaid text by its name: ``shared``, and the labels of the apps that have records."""
    labels = dict.fromkeys(model._meta.app_label for model in kinds())
    return {
        "shared": diagram(list(ABSTRACT)),
        **{label: diagram([model for model in kinds() if model._meta.app_label == label]) for label in labels},
    }


def diagram(boxes: list[Any]) -> str:
    """The models in ``boxes`` with what they add to what they are made from, and what each of them leads to."""
    lines = [line for model in boxes for line in box(model)]
    lines += [f"{base.__name__} <|-- {model.__name__}" for model in boxes if (base := base_of(model)) and base in boxes]
    lines += [line for model in boxes for line in arrows(model)]
    return "\n".join([*SETTINGS, "classDiagram", *(f"    {line}" for line in lines)]) + "\n"


def box(model: type[models.Model]) -> Iterator[str]:
    """A class with the columns that are its own: not those of its abstract base, and nothing that is derived."""
    base = base_of(model)
    yield f"class {model.__name__} {{"
    yield f"    <<{'abstract' if model._meta.abstract or base is None else base.__name__.lower()}>>"
    for field in own_fields(model):
        if not field.is_relation:
            yield f"    {word_for(field)} {field.name}"
    yield "}"


def arrows(model: type[models.Model]) -> Iterator[str]:
    """A line for each foreign key and each list of links: how many of ``model`` lead to how many of another."""
    for field in own_fields(model):
        if field.is_relation:
            # An abstract model has no neighbours yet, only their names.
            target = field.related_model if isinstance(field.related_model, str) else field.related_model.__name__
            many = "*" if field.many_to_many else "0..1" if field.null else "1"
            yield f'{model.__name__} "*" --> "{many}" {target.rpartition(".")[2]} : {field.name}'


def own_fields(model: type[models.Model]) -> list[Any]:
    base = base_of(model)
    inherited = {"id", *(field.name for field in base._meta.get_fields())} if base else {"id"}
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field for field in fields if field.name not in inherited and not field.generated]


def base_of(model: type[models.Model]) -> type[models.Model] | None:
    """The nearest of the abstract models that ``model`` is made from."""
    return next((base for base in model.__mro__[1:] if base in ABSTRACT), None)


def word_for(field: Any) -> str:
    """What a field holds, in a word: the name of its vocabulary, or a kind of value."""
    for vocabulary in vocabularies():
        if field.choices and vocabulary.values == [value for value, _ in field.flatchoices]:
            return vocabulary.__name__
    return next(word for kind, word in KINDS_OF_FIELD if isinstance(field, kind))


def with_diagrams(page: str) -> str:
    """``page`` with what stands between ``<!-- diagram: NAME -->`` and ``<!-- end of diagram -->`` drawn anew."""
    drawn = diagrams()
    return BLOCK.sub(lambda block: f"{block[1]}```mermaid\n{drawn[block[2]]}```\n{block[3]}", page)
