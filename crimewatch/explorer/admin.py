"""Saved filters, for administrators to look at and to take away; people change their own on the lists."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crimewatch.explorer.models import SavedFilter


@admin.register(SavedFilter)
class SavedFilterAdmin(admin.ModelAdmin):
    """What is saved under which name, and by whom."""

    list_display = ("name", "owner", "list_name", "is_shared", "updated_at")
    list_filter = ("is_shared", "list_name")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
