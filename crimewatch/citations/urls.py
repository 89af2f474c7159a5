"""Addresses of sources and indicators."""

from django.urls import path

from crimewatch.citations import profiles, views

app_name = "citations"

urlpatterns = [
    path("sources/", views.SourceList.as_view(), name="source_list"),
    path("sources/<str:slug>/", profiles.SourceProfile.as_view(), name="source_detail"),
    path("indicators/", views.IndicatorList.as_view(), name="indicator_list"),
    path("indicators/<str:slug>/", profiles.IndicatorProfile.as_view(), name="indicator_detail"),
]
