"""Addresses of agencies and state responses."""

from django.urls import path

from programs import views

app_name = "programs"

urlpatterns = [
    path("agencies/", views.AgencyList.as_view(), name="agency_list"),
    path("programs/", views.ProgramList.as_view(), name="program_list"),
]
