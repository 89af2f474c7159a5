"""Addresses of sources and indicators."""

from django.urls import path

from crimewatch.citations import views

app_name = "citations"

urlpatterns = [
    path("sources/", views.SourceList.as_view(), name="source_list"),
    path("indicators/", views.IndicatorList.as_view(), name="indicator_list"),
]
