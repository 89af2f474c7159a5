"""Addresses of groups and people."""

from django.urls import path

from actors import profiles, views

app_name = "actors"

urlpatterns = [
    path("groups/", views.GroupList.as_view(), name="group_list"),
    path("groups/<str:slug>/", profiles.GroupProfile.as_view(), name="group_detail"),
    path("people/", views.PersonList.as_view(), name="person_list"),
    path("people/<str:slug>/", profiles.PersonProfile.as_view(), name="person_detail"),
]
