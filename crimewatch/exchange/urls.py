"""Addresses of imports and exports."""

from django.urls import path

from crimewatch.exchange.views import batches, edits, exports, home, putting, uploads

app_name = "exchange"

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("import/", uploads.UploadView.as_view(), name="upload"),
    path("import/<uuid:uid>/", batches.BatchView.as_view(), name="batch"),
    path("import/<uuid:uid>/reading/", uploads.ReadingView.as_view(), name="reading"),
    path("import/<uuid:uid>/confirm/", batches.ConfirmView.as_view(), name="confirm"),
    path("import/<uuid:uid>/cancel/", batches.CancelView.as_view(), name="cancel"),
    path("import/<uuid:uid>/again/", batches.AgainView.as_view(), name="again"),
    path("import/<uuid:uid>/undo/", batches.UndoView.as_view(), name="undo"),
    path("import/<uuid:uid>/bad-rows/", batches.BadRowsView.as_view(), name="bad_rows"),
    path("import/<uuid:uid>/file/", batches.KeptFileView.as_view(), name="kept_file"),
    path("import/<uuid:uid>/leave-out/", edits.LeaveOutView.as_view(), name="leave_out"),
    path("edit/claims/", edits.AddClaimsView.as_view(), name="add_claims"),
    path("put/", putting.PutView.as_view(), name="put"),
    path("edit/", edits.EditView.as_view(), name="edit"),
    path("templates/<slug:name>.<slug:form>", exports.TemplateView.as_view(), name="template"),
    path("export/", exports.ExportView.as_view(), name="export"),
    path("export/<uuid:uid>/", exports.ExportFileView.as_view(), name="export_file"),
    path("export/<uuid:uid>/file/", exports.ExportDownloadView.as_view(), name="export_download"),
]
