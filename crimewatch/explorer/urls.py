"""Addresses of what spans all records: the start page, search, claims, pictures and saved filters."""

from django.urls import path

from crimewatch.explorer import lists, saved, views
from crimewatch.explorer.pictures.figures import FiguresView
from crimewatch.explorer.pictures.flows.views import FlowsView
from crimewatch.explorer.pictures.map.views import MapView, SmallMapView
from crimewatch.explorer.pictures.network.views import NetworkView
from crimewatch.explorer.pictures.timeline import TimelineView

app_name = "explorer"

urlpatterns = [
    path("claims/", lists.ClaimList.as_view(), name="claim_list"),
    path("estimates/", lists.EstimateList.as_view(), name="estimate_list"),
    path("map/", MapView.as_view(), name="map"),
    path("map/small/", SmallMapView.as_view(), name="small_map"),
    path("timeline/", TimelineView.as_view(), name="timeline"),
    path("network/", NetworkView.as_view(), name="network"),
    path("flows/", FlowsView.as_view(), name="flows"),
    path("figures/", FiguresView.as_view(), name="figures"),
    path("", views.HomeView.as_view(), name="home"),
    path("search/", views.SearchView.as_view(), name="search"),
    path("saved-filters/", saved.SaveFilterView.as_view(), name="save_filter"),
    path("saved-filters/<int:pk>/", saved.ChangeFilterView.as_view(), name="change_filter"),
    path("saved-filters/<int:pk>/delete/", saved.DeleteFilterView.as_view(), name="delete_filter"),
]
