"""Addresses of regions, illicit activities and routes."""

from django.urls import path

from regions import profiles, views

app_name = "regions"

urlpatterns = [
    path("regions/", views.RegionList.as_view(), name="region_list"),
    path("regions/<str:slug>/", profiles.RegionProfile.as_view(), name="region_detail"),
    path("activities/", views.ActivityList.as_view(), name="illicitactivity_list"),
    path("activities/<str:slug>/", profiles.ActivityProfile.as_view(), name="illicitactivity_detail"),
    path("routes/", views.RouteList.as_view(), name="route_list"),
    path("routes/<str:slug>/", profiles.RouteProfile.as_view(), name="route_detail"),
]
