"""Addresses of the history."""

from django.urls import path

from crimewatch.curation import views

app_name = "curation"

urlpatterns = [
    path("history/", views.ChangesView.as_view(), name="changes"),
    path("history/<str:kind>/<str:slug>/", views.RecordHistoryView.as_view(), name="record_history"),
    path("history/<str:kind>/<int:event>/restore/", views.RestoreView.as_view(), name="restore"),
]
