"""Addresses of groups and people."""

from django.urls import URLPattern

app_name = "actors"

urlpatterns: list[URLPattern] = []
