"""Logins and roles: who is let in, as what."""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crimewatch.accounts import second_factor
from crimewatch.curation.forms import RightsField, in_words
from crimewatch.curation.roles import ROLES, settle_staff
from crimewatch.records import readable
from crimewatch.records.models import Record


class RightsInWords:
    """For the forms of logins and roles: single rights in words of our own."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Permission:
            kwargs["form_class"] = RightsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class LoginAdmin(RightsInWords, UserAdmin):
    """A login: its name and password, and its roles, from which follows whether it enters the admin.

    Only a superuser makes superusers, changes their logins or gives single rights: who may give roles could otherwise
    give themselves everything.
    """

    list_display = ("username", "full_name", "roles_shown", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    date_hierarchy = None
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("last_login", "date_joined")
    actions = ("forget_second_factor",)
    fieldsets = (
        (None, {"fields": ("username", "password", ("first_name", "last_name"), "email")}),
        (_("Roles"), {"fields": ("groups", "is_active")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2", "groups"), "classes": ("wide",)}),
    )
    superuser_fieldset = (_("Beside the roles"), {"fields": ("is_superuser", "user_permissions")})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related(Prefetch("groups", Group.objects.order_by("name")))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return (*fieldsets, self.superuser_fieldset) if obj and request.user.is_superuser else fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    @staticmethod
    def _may_touch(request: HttpRequest, login: Any) -> bool:
        return login is None or not login.is_superuser or bool(request.user.is_superuser)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        settle_staff(form.instance)

    @admin.action(
        description=_("Take away the second factor, for who has lost phone and recovery codes"), permissions=["change"]
    )
    def forget_second_factor(self, request: HttpRequest, logins: QuerySet[User]) -> None:
        gone = 0
        for login in logins:
            if not self._may_touch(request, login):
                sentence = gettext("Only a superuser can take away the second factor of “%(name)s”, a superuser.")
                self.message_user(request, sentence % {"name": login.get_username()}, messages.ERROR)
            elif second_factor.forget(login):
                gone += 1
                self.log_change(request, login, gettext("The second factor was taken away."))
        sentence = ngettext(
            "%(number)d login has lost its second factor, and sets up a new one when its owner logs in.",
            "%(number)d logins have lost their second factor, and set up a new one when their owners log in.",
            gone,
        )
        self.message_user(request, sentence % {"number": gone})

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, login: User) -> str:
        return login.get_full_name() or "–"

    @admin.display(description=_("roles"))
    def roles_shown(self, login: User) -> str:
        return ", ".join(group.name for group in login.groups.all()) or "–"


@admin.register(Group)
class RoleAdmin(RightsInWords, GroupAdmin):
    """Roles, and groups of logins that somebody makes beside them. What a role may do is not for the form."""

    list_display = ("name", "purpose")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The name stays as it is: records are restricted to it."""
        return (*(("name",) if obj else ()), "rights_shown")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        may_give_rights = request.user.is_superuser and (obj is None or obj.name not in ROLES)
        return ("name", "permissions" if may_give_rights else "rights_shown")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in ROLES)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A group that records are restricted to is in use: without it nobody but superusers would see them."""
        objs = list(objs)
        names = [group.name for group in objs]
        going, counts, missing_rights, protected = super().get_deleted_objects(objs, request)
        for model in (model for model in apps.get_models() if issubclass(model, Record)):
            number = model.objects.filter(restricted_to__overlap=names).order_by().count()
            if number:
                protected.append(f"{readable.number(number)} {model._meta.verbose_name_plural}")
        return going, counts, missing_rights, protected

    @admin.display(description=_("rights"))
    def rights_shown(self, group: Group) -> str:
        rights = group.permissions.select_related("content_type") if group.pk else ()
        return ", ".join(sorted(in_words(right) for right in rights)) or "–"

    @admin.display(description=_("what it is for"))
    def purpose(self, group: Group) -> str:
        return str(ROLES.get(group.name, "–"))
