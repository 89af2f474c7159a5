"""Addresses of agencies and state responses."""

from django.urls import path

from programs import profiles, views

app_name = "programs"

urlpatterns = [
    path("agencies/", views.AgencyList.as_view(), name="agency_list"),
    path("agencies/<str:slug>/", profiles.AgencyProfile.as_view(), name="agency_detail"),
    path("programs/", views.ProgramList.as_view(), name="program_list"),
    path("programs/<str:slug>/", profiles.ProgramProfile.as_view(), name="program_detail"),
]
