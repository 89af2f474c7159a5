"""Addresses of the history, of the way to the readers, and of the journal."""

from django.urls import path

from crimewatch.curation import views

app_name = "curation"

urlpatterns = [
    path("history/", views.ChangesView.as_view(), name="changes"),
    path("history/<str:kind>/<str:slug>/", views.RecordHistoryView.as_view(), name="record_history"),
    path("history/<str:kind>/<int:event>/restore/", views.RestoreView.as_view(), name="restore"),
    path("review/", views.ReviewView.as_view(), name="review"),
    path("review/<str:kind>/<int:pk>/", views.StepView.as_view(), name="step"),
    path("journal/<str:kind>/<int:pk>/", views.JournalView.as_view(), name="journal"),
    path("journal/<int:pk>/", views.EntryView.as_view(), name="entry"),
    path("questions/", views.QuestionsView.as_view(), name="questions"),
    path("mentions/", views.MentionsView.as_view(), name="mentions"),
]
