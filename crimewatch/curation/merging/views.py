"""Pages of merges: which two and how, what became of it, and taking it back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from crimewatch.curation.changes import History
from crimewatch.curation.merging.doing import CannotMergeError, merge, take_back, way_back
from crimewatch.curation.merging.forms import MergeForm, OtherForm, PairForm, ReasonForm
from crimewatch.curation.merging.models import Merge
from crimewatch.curation.merging.preview import Preview
from crimewatch.curation.restoring import CannotRestoreError
from crimewatch.curation.undoing import Obstacle, names_of
from crimewatch.records.access import VisibleMixin
from crimewatch.records.alike import alike_to
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.history import contexts_where
from crimewatch.records.profiles import merge_address
from crimewatch.records.querysets import sees_drafts

PAGE_SIZE = 25

#: So many records are proposed to be merged with one.
PROPOSED = 10

#: So many obstacles to taking back are shown; the number above them counts them all.
SHOWN = 50


def name_of(record: Any) -> str:
    """What a record is called in the address of the page of two."""
    return f"{record._meta.model_name}/{record.slug}"


def address_of(stays: str, goes: str) -> str:
    return f"{reverse('curation:merge')}?{urlencode({'stays': stays, 'goes': goes}, safe='/')}"


def attempt(act: Any) -> tuple[Any, str]:
    """What ``act`` returns, done in one transaction and judged by all rules; or the sentence of why it was not done."""
    try:
        with transaction.atomic():
            result = act()
            connection.check_constraints()
    except (CannotMergeError, CannotRestoreError) as error:
        return None, str(error)
    except ValidationError as error:
        return None, " ".join(error.messages)
    except IntegrityError as error:
        return None, sentence_of(error)
    return result, ""


@method_decorator(never_cache, name="dispatch")
class MergeView(VisibleMixin, View):
    """Names two records, shows what would become of them, and makes one of them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = PairForm(request.GET or None)
        if not form.is_valid():
            other = OtherForm(request.GET)
            other.full_clean()
            if "goes" not in request.GET and "stays" in other.cleaned_data:
                return self.ask_for_other(other)
            if not History(request.user).models:
                raise Http404
            return render(request, "curation/merging/pair.html", {"form": form}, status=400 if form.is_bound else 200)
        preview = self.preview_of(form)
        return self.shown(preview, MergeForm(preview))

    def post(self, request: HttpRequest) -> HttpResponse:
        pair = PairForm(request.GET)
        if not pair.is_valid():
            return render(request, "curation/merging/pair.html", {"form": pair}, status=400)
        preview = self.preview_of(pair)
        form = MergeForm(preview, request.POST)
        if not form.is_valid():
            return self.shown(preview, form, status=400)
        given = form.cleaned_data
        done, refusal = attempt(
            lambda: merge(preview, given["stamp"], form.choices(), set(given["drop"]), given["reason"])
        )
        if refusal:
            fresh = self.preview_of(pair)
            # The choices stay as they were made, beside the values of now.
            data = request.POST.copy()
            data["stamp"] = fresh.stamp
            return self.shown(fresh, MergeForm(fresh, data), refusal=refusal, status=409)
        messages.success(request, _("“%(name)s” is one record now.") % {"name": preview.kept})
        return HttpResponseRedirect(done.get_absolute_url())

    def ask_for_other(self, form: OtherForm) -> HttpResponse:
        """Show what the record may be one with, or what is found; what is named by its address is compared at once."""
        model, slug = form.cleaned_data["stays"]
        if not sees_drafts(self.request.user, model):
            raise Http404
        seen = self.visible(model).with_context()
        record = get_object_or_404(seen, slug=slug.replace("\x00", ""))
        if named := form.cleaned_data.get("goes"):
            return HttpResponseRedirect(address_of(name_of(record), name_of(named[0](slug=named[1]))))
        asked, found = form.cleaned_data.get("q", ""), []
        if asked:
            found = list(seen.exclude(pk=record.pk).search(asked).defer(*model.heavy_fields)[:PROPOSED])
        else:
            found = alike_to(record, seen)
        context = {
            "form": form,
            "record": record,
            "kinds": model._meta.verbose_name_plural,
            "asked": asked,
            "found": [(each, address_of(name_of(record), name_of(each))) for each in found],
        }
        return render(self.request, "curation/merging/other.html", context, status=200 if form.is_valid() else 400)

    def preview_of(self, form: PairForm) -> Preview:
        """The two records that the address names; 404 unless both are there for this person."""
        (model, stays), (_model, goes) = form.cleaned_data["stays"], form.cleaned_data["goes"]
        if not sees_drafts(self.request.user, model):
            raise Http404
        found = self.visible(model).select_related(None)
        kept, gone = (get_object_or_404(found, slug=slug.replace("\x00", "")) for slug in (stays, goes))
        return Preview(kept, gone, self.request.user)

    def shown(self, preview: Preview, form: MergeForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
        context = {
            "preview": preview,
            "form": form,
            "kind": preview.model._meta.verbose_name,
            "fields": [(field, "" if field.fixed else form.chosen(field.name)) for field in preview.fields],
            "refusals": [refusal] if refusal else list(preview.refusals()),
            "is_refused_for_now": bool(refusal),
            "dropped": form["drop"].value() or [],
            "swapped": address_of(name_of(preview.gone), name_of(preview.kept)),
            "other": merge_address(preview.kept),
            "aliases": preview.aliases(preview.kept.name),
            "past_slugs": [slug for slug in preview.past_slugs() if slug != preview.kept.slug],
        }
        return render(self.request, "curation/merging/preview.html", context, status=status)


@method_decorator(never_cache, name="dispatch")
class MergesView(VisibleMixin, TemplateView):
    """The merges that were made, the latest first."""

    template_name = "curation/merging/merges.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not History(self.request.user).models:
            raise Http404
        merges = Merge.objects.visible_to(self.request.user).select_related("person", "undone_by", "content_type")
        page = Paginator(merges, PAGE_SIZE).get_page(self.request.GET.get("page"))
        kept = kept_of(page.object_list, self.request.user)
        lines = [(each, kept.get((each.content_type_id, each.kept_id))) for each in page.object_list]
        return super().get_context_data(**kwargs, lines=lines, page=page)


def kept_of(merges: Any, user: Any) -> dict[tuple[int, int], Any]:
    """The records that stayed, as far as they are there and ``user`` may see them; one query for each kind."""
    wanted: dict[ContentType, list[int]] = {}
    for each in merges:
        wanted.setdefault(each.content_type, []).append(each.kept_id)
    found = {}
    for kind, keys in wanted.items():
        model: Any = kind.model_class()
        for record in model._default_manager.visible_to(user).filter(pk__in=keys).defer(*model.heavy_fields):
            found[kind.pk, record.pk] = record
    return found


class OneMergeMixin(VisibleMixin):
    """A page of one merge, for those who see the drafts of the kind and are not shut out from either record."""

    kwargs: dict[str, Any]

    def merged(self) -> Merge:
        merges = Merge.objects.visible_to(self.request.user).select_related("person", "undone_by", "content_type")
        return get_object_or_404(merges, uid=self.kwargs["uid"])

    def about(self, merged: Merge) -> dict[str, Any]:
        kept = kept_of([merged], self.request.user).get((merged.content_type_id, merged.kept_id))
        return {"merged": merged, "kept": kept, "kind": merged.model._meta.verbose_name}


@method_decorator(never_cache, name="dispatch")
class MergedView(OneMergeMixin, TemplateView):
    """One merge: who made it and why, and every row that it changed."""

    template_name = "curation/merging/merged.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        merged = self.merged()
        number = self.request.GET.get("page", "1")
        page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 4 else 1
        history = History(self.request.user)
        start = (max(page, 1) - 1) * PAGE_SIZE
        changes = history.of_contexts(contexts_where(merge=str(merged.uid)), start, start + PAGE_SIZE + 1)
        return super().get_context_data(
            **kwargs,
            **self.about(merged),
            changes=changes[:PAGE_SIZE],
            page=max(page, 1),
            newer=f"?page={page - 1}" if page > 1 else "",
            older=f"?page={page + 1}" if len(changes) > PAGE_SIZE else "",
        )


@method_decorator(never_cache, name="dispatch")
class TakeBackView(OneMergeMixin, View):
    """Takes a merge back as a whole, or says what has been changed since."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.shown(ReasonForm())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        merged = self.merged()
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.shown(form, status=400)
        _done, refusal = attempt(lambda: take_back(merged, request.user, form.cleaned_data["reason"]))
        if refusal:
            return self.shown(form, refusal=refusal, status=409)
        messages.success(request, _("The merge is taken back: there are two records again."))
        return HttpResponseRedirect(merged.get_absolute_url())

    def shown(self, form: ReasonForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
        merged = self.merged()
        with transaction.atomic():
            way = None if merged.undone_at else way_back(merged, self.request.user)
            number = way.obstacle_count if way else 0
            told = self.told(way.obstacles()[:SHOWN]) if way else []
        context = {
            **self.about(merged),
            "form": form,
            "refusal": refusal,
            "obstacles": told,
            "number": number,
        }
        return render(self.request, "curation/merging/take_back.html", context, status=status)

    def told(self, obstacles: list[Obstacle]) -> list[tuple[str, str, str]]:
        """Kind, key and sentence of each; of a row that this person may not see, no key."""
        rows: dict[Any, list[int]] = {}
        for obstacle in obstacles:
            rows.setdefault(obstacle.model, []).append(obstacle.row)
        hidden = {
            (model, pk)
            for model, keys in rows.items()
            if hasattr(model._default_manager.all(), "visible_to")
            for pk in model._default_manager.filter(pk__in=keys)
            .exclude(pk__in=self.visible(model).order_by().values("pk"))
            .values_list("pk", flat=True)
        }
        return [
            (str(model._meta.verbose_name), "–" if (model, obstacle.row) in hidden else key, sentence)
            for (model, key, sentence), obstacle in zip(names_of(obstacles), obstacles, strict=True)
        ]
