"""Addresses of the history, of the quality desk, of the way to the readers, of the journal, and of merging."""

from django.urls import path

from crimewatch.curation import views
from crimewatch.curation.duplicates import views as duplicates
from crimewatch.curation.merging import views as merging
from crimewatch.curation.quality import views as quality

app_name = "curation"

urlpatterns = [
    path("history/", views.ChangesView.as_view(), name="changes"),
    path("history/<str:kind>/<str:slug>/", views.RecordHistoryView.as_view(), name="record_history"),
    path("history/<str:kind>/<str:slug>/compare/", views.CompareView.as_view(), name="compare"),
    path("history/<str:kind>/<int:event>/restore/", views.RestoreView.as_view(), name="restore"),
    path("quality/", quality.DeskView.as_view(), name="quality"),
    path("quality/<slug:check>/", quality.CheckView.as_view(), name="quality_check"),
    path(
        "quality/<slug:check>/<slug:kind>/<int:row>/dismiss/",
        quality.DismissView.as_view(),
        name="quality_dismiss",
    ),
    path("quality/<slug:check>/undo/<int:dismissal>/", quality.UndoView.as_view(), name="quality_undo"),
    path("review/", views.ReviewView.as_view(), name="review"),
    path("review/<str:kind>/<int:pk>/", views.StepView.as_view(), name="step"),
    path("journal/<str:kind>/<int:pk>/", views.JournalView.as_view(), name="journal"),
    path("journal/<int:pk>/", views.EntryView.as_view(), name="entry"),
    path("questions/", views.QuestionsView.as_view(), name="questions"),
    path("mentions/", views.MentionsView.as_view(), name="mentions"),
    path("duplicates/", duplicates.DuplicatesView.as_view(), name="duplicates"),
    path("duplicates/<str:kind>/<int:first>/<int:second>/", duplicates.VerdictView.as_view(), name="verdict"),
    path("merge/", merging.MergeView.as_view(), name="merge"),
    path("merges/", merging.MergesView.as_view(), name="merges"),
    path("merges/<uuid:uid>/", merging.MergedView.as_view(), name="merged"),
    path("merges/<uuid:uid>/take-back/", merging.TakeBackView.as_view(), name="take_back"),
]
