"""Addresses of what lists of all kinds of records share."""

from django.urls import path

from crimewatch.records.suggestions import KeysView

app_name = "records"

urlpatterns = [path("keys/<str:kind>/", KeysView.as_view(), name="keys")]
