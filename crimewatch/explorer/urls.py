"""Addresses of what spans all records: the start page, search, claims and pictures."""

from django.urls import path

from crimewatch.explorer import views

app_name = "explorer"

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("search/", views.SearchView.as_view(), name="search"),
]
