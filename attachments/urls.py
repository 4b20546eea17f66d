"""Paths below /correspondence/api/v1/."""

from django.urls import path

from attachments.views import (
    AttachmentView,
    DetailsView,
    DownloadView,
    InitializeAttachmentView,
    UploadView,
)

urlpatterns = [
    path("attachment", InitializeAttachmentView.as_view(), name="initialize-attachment"),
    path("attachment/<str:attachmentId>", AttachmentView.as_view(), name="attachment"),
    path("attachment/<str:attachmentId>/upload", UploadView.as_view(), name="upload-attachment"),
    path("attachment/<str:attachmentId>/details", DetailsView.as_view(), name="attachment-details"),
    path("attachment/<str:attachmentId>/download", DownloadView.as_view(), name="download-attachment"),
]
