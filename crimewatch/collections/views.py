"""Pages of collections and tags, and of what of both one row is in."""

from typing import Any

import pghistory
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from pghistory.models import Context

from crimewatch.collections.forms import CollectionForm, NoteForm, PutForm, TagForm
from crimewatch.collections.gathered import (
    kinds,
    lists_of,
    may_name_tags,
    may_tag,
    names_of,
    numbers_by_kind,
    visible_places,
    visible_row,
)
from crimewatch.collections.models import Collection, Member, Tag, Tagging
from crimewatch.collections.putting import collections_to_bring_back, deeds, lately, put_all, take_back, way_back
from crimewatch.records.access import VisibleMixin
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.history import events_of

PAGE_SIZE = 50


def saved(form: Any) -> Any:
    """What a valid form has stored; None where somebody was faster with the same key, which the form then says."""
    try:
        with transaction.atomic():
            return form.save()
    except IntegrityError as error:
        form.add_error(None, sentence_of(error))
        return None


# Collections


class CollectionsView(VisibleMixin, View):
    """One's own collections and those that others share; what is posted becomes a new one."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self.page(CollectionForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        owner: Any = request.user  # strangers do not come here
        form = CollectionForm(request.POST, instance=Collection(owner=owner))
        if form.is_valid() and (collection := saved(form)):
            messages.success(request, _("“%(name)s” is made.") % {"name": collection})
            return redirect(collection)
        return self.page(form, status=422)

    def page(self, form: CollectionForm, status: int = 200) -> HttpResponse:
        user = self.request.user
        found: Any = Collection.objects.visible_to(user).select_related("owner")
        page = Paginator(found.order_by("name", "pk"), PAGE_SIZE).get_page(self.request.GET.get("page"))
        numbers = numbers_by_kind(Member.objects.filter(collection__in=list(page)), user)
        shown = [(each, sum(numbers[each.pk].values())) for each in page]
        context = {
            "mine": [pair for pair in shown if pair[0].owner_id is not None and pair[0].owner_id == user.pk],
            "others": [pair for pair in shown if pair[0].owner_id is None or pair[0].owner_id != user.pk],
            "page": page,
            "form": form,
        }
        return render(self.request, "collections/collections.html", context, status=status)


class CollectionMixin(VisibleMixin):
    """For the pages of one collection. Whoever may not see it is answered as if there were none."""

    def collection(self, slug: str, *, own: bool = False) -> Collection:
        found = get_object_or_404(Collection.objects.visible_to(self.request.user).select_related("owner"), slug=slug)
        if own and (found.owner_id is None or found.owner_id != self.request.user.pk):
            raise PermissionDenied
        return found

    def may_put(self, collection: Collection) -> bool:
        return bool(Collection.objects.changeable_by(self.request.user).filter(pk=collection.pk).exists())


class CollectionView(CollectionMixin, View):
    """What is in a collection, kind by kind, as far as the viewer may see it."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        collection = self.collection(slug)
        members = Member.objects.filter(collection=collection)
        numbers = numbers_by_kind(members, request.user)[collection.pk]
        kind = kinds().get(request.GET.get("kind", ""))
        if request.GET.get("kind") and kind is None:
            raise Http404
        shown: Any = visible_places(members.of(kind) if kind else members, request.user).select_related("added_by")
        page = Paginator(shown.order_by("pk"), PAGE_SIZE).get_page(request.GET.get("page"))
        rows = rows_of(page.object_list)
        key = collection.slug
        context = {
            "collection": collection,
            "lists": list(lists_of(numbers, "collection", key)),
            "total": sum(numbers.values()),
            "chosen": kind._meta.model_name if kind else "",
            "chosen_names": names_of(kind) if kind else "",
            "page": page,
            "members": [
                (member, row, row._meta.verbose_name)
                for member in page.object_list
                if (row := rows.get((member.content_type_id, member.object_id))) is not None
            ],
            "may_put": self.may_put(collection),
            "lately": lately(collection, request.user),
            "is_own": collection.owner_id is not None and collection.owner_id == request.user.pk,
            "pictures": [
                (title, f"{reverse(name)}?collection={key}")
                for title, name in (
                    (_("Claims in it and about what is in it"), "explorer:claim_list"),
                    (_("Map"), "explorer:map"),
                    (_("Network"), "explorer:network"),
                    (_("Time line"), "explorer:timeline"),
                )
            ],
        }
        return render(request, "collections/collection.html", context)


def rows_of(places: Any) -> dict[tuple[int, int], Any]:
    """The rows in some places, by type and number; a query for each kind."""
    found: dict[tuple[int, int], Any] = {}
    wanted: dict[Any, list[int]] = {}
    for place in places:
        wanted.setdefault(place.content_type, []).append(place.object_id)
    for content_type, pks in wanted.items():
        rows: Any = content_type.model_class()._default_manager
        rows = rows.with_records() if hasattr(rows, "with_records") else rows.all()
        found |= {(content_type.pk, row.pk): row for row in rows.filter(pk__in=pks)}
    return found


class ChangeCollectionView(CollectionMixin, View):
    """Title, description, key, and to whom a collection is shown: what its owner decides."""

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        collection = self.collection(slug, own=True)
        return self.page(collection, CollectionForm(instance=collection))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        collection = self.collection(slug, own=True)
        form = CollectionForm(request.POST, instance=self.collection(slug, own=True))
        if form.is_valid() and (changed := saved(form)):
            messages.success(request, _("“%(name)s” is changed.") % {"name": changed})
            return redirect(changed)
        return self.page(collection, form, status=422)

    def page(self, collection: Collection, form: CollectionForm, status: int = 200) -> HttpResponse:
        context = {"collection": collection, "form": form}
        return render(self.request, "collections/change.html", context, status=status)


class DeleteCollectionView(CollectionMixin, View):
    """Deletes a collection of one's own; what was in it stays in the database."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        collection = self.collection(slug, own=True)
        with pghistory.context() as context, transaction.atomic():
            collection.delete()
        sentence = _("“%(name)s” is deleted; what was in it stays in the database.") % {"name": collection}
        messages.success(request, with_way_back(sentence, context.id))
        return redirect("collections:collections")


class MemberView(CollectionMixin, View):
    """Changes what is said of a row in a collection, or takes the row out."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        collection = self.collection(slug)
        if not self.may_put(collection):
            raise PermissionDenied
        members: Any = visible_places(Member.objects.filter(collection=collection), request.user)
        member = get_object_or_404(members, pk=pk)
        if request.POST.get("action") == "take_out":
            with pghistory.context() as context, transaction.atomic():
                member.delete()
            messages.success(request, with_way_back(_("It is taken out."), context.id))
            return redirect(collection)
        form = NoteForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return redirect(collection)
        member.note = form.cleaned_data["note"]
        member.save(update_fields=["note"])
        messages.success(request, _("The note is kept."))
        return redirect(collection)


# Tags


class TagsView(VisibleMixin, View):
    """The vocabulary of tags, with how much of what the viewer may see has each; what is posted becomes a new one."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self.page(TagForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if not may_name_tags(request.user):
            raise PermissionDenied
        form = TagForm(request.POST)
        if form.is_valid() and (tag := saved(form)):
            messages.success(request, _("“%(name)s” is made.") % {"name": tag})
            return redirect("collections:tags")
        return self.page(form, status=422)

    def page(self, form: TagForm, status: int = 200) -> HttpResponse:
        user = self.request.user
        found = Tag.objects.order_by("name", "pk")
        page = Paginator(found, PAGE_SIZE).get_page(self.request.GET.get("page"))
        numbers = numbers_by_kind(Tagging.objects.filter(tag__in=list(page)), user)
        context = {
            "tags": [(tag, sum(numbers[tag.pk].values())) for tag in page],
            "page": page,
            "form": form if may_name_tags(user) else None,
        }
        return render(self.request, "collections/tags.html", context, status=status)


class TagView(VisibleMixin, View):
    """What has a tag, kind by kind; and its name and description, for those who may change them."""

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        tag = get_object_or_404(Tag, slug=slug)
        return self.page(tag, TagForm(instance=tag))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        if not may_name_tags(request.user):
            raise PermissionDenied
        tag = get_object_or_404(Tag, slug=slug)
        form = TagForm(request.POST, instance=get_object_or_404(Tag, slug=slug))
        if form.is_valid() and (changed := saved(form)):
            messages.success(request, _("“%(name)s” is changed.") % {"name": changed})
            return redirect(changed)
        return self.page(tag, form, status=422)

    def page(self, tag: Tag, form: TagForm, status: int = 200) -> HttpResponse:
        numbers = numbers_by_kind(Tagging.objects.filter(tag=tag), self.request.user)[tag.pk]
        context = {
            "tag": tag,
            "lists": list(lists_of(numbers, "tag", tag.slug)),
            "total": sum(numbers.values()),
            "form": form if may_name_tags(self.request.user) else None,
        }
        return render(self.request, "collections/tag.html", context, status=status)


class DeleteTagView(VisibleMixin, View):
    """Deletes a tag that nothing has any more, so that nobody's work goes with a word."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        if not may_name_tags(request.user):
            raise PermissionDenied
        with transaction.atomic():
            tag = get_object_or_404(Tag.objects.select_for_update(), slug=slug)
            if Tagging.objects.filter(tag=tag).exists():
                sentence = _("“%(name)s” stands on something: take it off everywhere first.")
                messages.error(request, sentence % {"name": tag})
                return redirect(tag)
            tag.delete()
        messages.success(request, _("“%(name)s” is deleted.") % {"name": tag})
        return redirect("collections:tags")


# One row


class RowView(LoginRequiredMixin, VisibleMixin, View):
    """The collections and tags of one record or claim, and the form by which it comes into others."""

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        row = visible_row(request.user, kind, pk)
        return self.page(row, PutForm(user=request.user, tags=may_tag(request.user, type(row))))

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        row = visible_row(request.user, kind, pk)
        form = PutForm(request.POST, user=request.user, tags=may_tag(request.user, type(row)))
        if form.is_valid():
            done = put_all({type(row): [row.pk]}, form.cleaned_data, request.user)
            said = with_way_back(_("It is kept."), done.context) if done.number else _("It was so already.")
            messages.success(request, said)
            return redirect(request.path)
        return self.page(row, form, status=422)

    def page(self, row: Any, form: PutForm, status: int = 200) -> HttpResponse:
        visible: Any = Collection.objects.visible_to(self.request.user)
        context = {
            "row": row,
            "kind": row._meta.verbose_name,
            "form": form,
            "tags": Tag.objects.filter(pk__in=Tagging.objects.of_row(row).values("tag")),
            "members": Member.objects.of_row(row).filter(collection__in=visible).select_related("collection"),
        }
        return render(self.request, "collections/row.html", context, status=status)


class TakeBackView(LoginRequiredMixin, View):
    """What somebody has put into collections and under tags at once, and the way back from it, for that person."""

    def get(self, request: HttpRequest, context: Any) -> HttpResponse:
        done = self.done(context)
        found = events_of(Member).objects.filter(pgh_context_id=context).order_by().values("collection_id")
        seen: Any = Collection.objects.visible_to(request.user)
        page = {
            "done": done,
            "deeds": deeds(context, request.user),
            "way": way_back(context, request.user),
            "brings_back": collections_to_bring_back(context, request.user).exists(),
            "collections": seen.filter(pk__in=found)[:PAGE_SIZE],
        }
        return render(request, "collections/done.html", page)

    def post(self, request: HttpRequest, context: Any) -> HttpResponse:
        self.done(context)
        number, own = take_back(context, request.user)
        sentence = ngettext(
            "It is taken back: %(number)s place is as it was.",
            "It is taken back: %(number)s places are as they were.",
            number,
        )
        messages.success(request, sentence % {"number": number})
        if Context.objects.filter(pk=own).exists():
            return redirect("collections:take_back", own)
        return redirect("collections:collections")

    def done(self, context: Any) -> Context:
        """What one has done oneself; a merge has a way back of its own."""
        own = Context.objects.filter(metadata__user=self.request.user.pk).exclude(metadata__has_key="merge")
        return get_object_or_404(own, pk=context)


def with_way_back(sentence: str, context: Any) -> str:
    """A sentence on what was done, with a link to where it is taken back."""
    address = reverse("collections:take_back", args=[context])
    return format_html('{} <a href="{}">{}</a>', sentence, address, _("Take it back …"))
