"""Addresses of sources and indicators."""

from django.urls import URLPattern

app_name = "citations"

urlpatterns: list[URLPattern] = []
