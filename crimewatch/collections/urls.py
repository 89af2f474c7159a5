"""Addresses of collections and tags."""

from django.urls import path

from crimewatch.collections import views

app_name = "collections"

urlpatterns = [
    path("collections/", views.CollectionsView.as_view(), name="collections"),
    path("collections/<slug:slug>/", views.CollectionView.as_view(), name="collection"),
    path("collections/<slug:slug>/change/", views.ChangeCollectionView.as_view(), name="change_collection"),
    path("collections/<slug:slug>/delete/", views.DeleteCollectionView.as_view(), name="delete_collection"),
    path("collections/<slug:slug>/members/<int:pk>/", views.MemberView.as_view(), name="member"),
    path("tags/", views.TagsView.as_view(), name="tags"),
    path("tags/<slug:slug>/", views.TagView.as_view(), name="tag"),
    path("tags/<slug:slug>/delete/", views.DeleteTagView.as_view(), name="delete_tag"),
    path("gathered/<slug:kind>/<int:pk>/", views.RowView.as_view(), name="row"),
    path("gathered/undo/<uuid:context>/", views.TakeBackView.as_view(), name="take_back"),
]
