"""Paths below /correspondence/api/v1/."""

from django.urls import path

from correspondence.views import AttachmentDownloadView, InitializeView, InitializeWithFilesView, OverviewView

urlpatterns = [
    path("correspondence", InitializeView.as_view(), name="initialize"),
    path("correspondence/upload", InitializeWithFilesView.as_view(), name="initialize-with-files"),
    path("correspondence/<str:correspondenceId>", OverviewView.as_view(), name="overview"),
    path(
        "correspondence/<str:correspondenceId>/attachment/<str:attachmentId>/download",
        AttachmentDownloadView.as_view(),
        name="attachment-download",
    ),
]
