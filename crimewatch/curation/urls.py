"""Addresses of the history, of likely duplicates and of merges."""

from django.urls import path

from crimewatch.curation import views
from crimewatch.curation.duplicates import views as duplicates
from crimewatch.curation.merging import views as merging

app_name = "curation"

urlpatterns = [
    path("history/", views.ChangesView.as_view(), name="changes"),
    path("history/<str:kind>/<str:slug>/", views.RecordHistoryView.as_view(), name="record_history"),
    path("history/<str:kind>/<int:event>/restore/", views.RestoreView.as_view(), name="restore"),
    path("duplicates/", duplicates.DuplicatesView.as_view(), name="duplicates"),
    path("duplicates/<str:kind>/<int:first>/<int:second>/", duplicates.VerdictView.as_view(), name="verdict"),
    path("merge/", merging.MergeView.as_view(), name="merge"),
    path("merges/", merging.MergesView.as_view(), name="merges"),
    path("merges/<uuid:uid>/", merging.MergedView.as_view(), name="merged"),
    path("merges/<uuid:uid>/take-back/", merging.TakeBackView.as_view(), name="take_back"),
]
