"""Addresses of groups and people."""

from django.urls import path

from actors import views

app_name = "actors"

urlpatterns = [
    path("groups/", views.GroupList.as_view(), name="group_list"),
    path("people/", views.PersonList.as_view(), name="person_list"),
]
