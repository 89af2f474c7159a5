"""Who may look at the site's pages: the one door that every page of the reader's side goes through."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth.mixins import AccessMixin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.functional import cached_property

from crimewatch.records.kept import Answers, answers_for
from crimewatch.records.querysets import sees_published

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


class VisibleMixin(AccessMixin):
    """For a view of records or claims: sends strangers to the login, and shows the others what they may see.

    Put it first among the bases. ``get_queryset`` narrows what the view lists; for anything else that a page counts,
    links or names there is ``visible``.
    """

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sees_published(request.user):
            return self.handle_no_permission()
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        # What one person may see is not for a cache that others share.
        patch_cache_control(response, private=True)
        return response

    @property
    def viewer(self) -> "Viewer":
        """In whose name the database is asked: the visitor's or, where a page is kept, that of all who see the same."""
        return self.request.user

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().visible_to(self.viewer)  # type: ignore[misc]

    def visible(self, model: type[_Model_co]) -> Any:
        """The rows of a kind of record or claim that the viewer may see."""
        return model._default_manager.visible_to(self.viewer)  # type: ignore[attr-defined]


class AnsweredMixin(VisibleMixin):
    """For a view whose page is the same for all who see the same: it asks in the name of them all, and only once."""

    @cached_property
    def answers(self) -> Answers:
        """What has been found out already for all who see what the visitor sees."""
        return answers_for(self.request.user)

    @property
    def viewer(self) -> "Viewer":
        return self.answers.viewer


def viewer(request: HttpRequest) -> dict[str, bool]:
    """For every template: whether this visitor may look at anything, and so has a use for navigation and search."""
    user: Viewer | None = getattr(request, "user", None)
    return {"may_look": user is not None and sees_published(user)}
