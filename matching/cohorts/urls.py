"""Addresses of cohort files: the grid, the page of one file, sending in parts by the page and by a program."""

from django.urls import path

from matching.cohorts import api, views

BY_SESSION = api.BY_SESSION
REQUEST, API_REQUEST = "requests/<str:number>", "api/v1/requests/<str:number>"

urlpatterns = [
    path("formats/check/", views.check_file, name="check_file"),
    path(f"{REQUEST}/files/", views.cohort_grid, name="cohort_grid"),
    path(f"{REQUEST}/files/send/", views.send_files, name="send_files"),
    path(f"{REQUEST}/files/policy/", views.cohort_policy, name="cohort_policy"),
    path(f"{REQUEST}/files/<int:cohort_number>/<int:quarter>/", views.cohort_file, name="cohort_file"),
    path(f"{REQUEST}/files/<str:file_id>/report.csv", views.cohort_report, name="cohort_report"),
    path(f"{REQUEST}/files/<str:file_id>/confirm/", views.confirm_file, name="confirm_file"),
    path(f"{REQUEST}/uploads/", api.Uploads.as_view(**BY_SESSION), name="cohort_uploads"),
    path(f"{REQUEST}/uploads/<str:upload_id>/", api.OneUpload.as_view(**BY_SESSION), name="cohort_upload"),
    path(
        f"{REQUEST}/uploads/<str:upload_id>/finish/",
        api.UploadFinished.as_view(**BY_SESSION),
        name="cohort_upload_finish",
    ),
    path(f"{API_REQUEST}/files", api.CohortFiles.as_view(), name="api_cohort_files"),
    path(f"{API_REQUEST}/uploads", api.Uploads.as_view(), name="api_uploads"),
    path(f"{API_REQUEST}/uploads/<str:upload_id>", api.OneUpload.as_view(), name="api_upload"),
    path(f"{API_REQUEST}/uploads/<str:upload_id>/finish", api.UploadFinished.as_view(), name="api_upload_finish"),
]
