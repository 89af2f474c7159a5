"""Addresses of regions, illicit activities and routes."""

from django.urls import path

from regions import views

app_name = "regions"

urlpatterns = [
    path("regions/", views.RegionList.as_view(), name="region_list"),
    path("activities/", views.ActivityList.as_view(), name="illicitactivity_list"),
    path("routes/", views.RouteList.as_view(), name="route_list"),
]
