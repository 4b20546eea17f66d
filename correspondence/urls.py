"""Paths below /correspondence/api/v1/."""

from django.urls import path

from correspondence.views import (
    AttachmentDownloadView,
    ConfirmView,
    ContentView,
    CorrespondencesView,
    DetailsView,
    InitializeWithFilesView,
    MarkAsReadView,
    OverviewView,
    PurgeView,
)

urlpatterns = [
    path("correspondence", CorrespondencesView.as_view(), name="correspondences"),
    path("correspondence/upload", InitializeWithFilesView.as_view(), name="initialize-with-files"),
    path("correspondence/<str:correspondenceId>", OverviewView.as_view(), name="overview"),
    path("correspondence/<str:correspondenceId>/details", DetailsView.as_view(), name="details"),
    path("correspondence/<str:correspondenceId>/content", ContentView.as_view(), name="content"),
    path("correspondence/<str:correspondenceId>/markasread", MarkAsReadView.as_view(), name="mark-as-read"),
    path("correspondence/<str:correspondenceId>/confirm", ConfirmView.as_view(), name="confirm"),
    path("correspondence/<str:correspondenceId>/purge", PurgeView.as_view(), name="purge"),
    path(
        "correspondence/<str:correspondenceId>/attachment/<str:attachmentId>/download",
        AttachmentDownloadView.as_view(),
        name="attachment-download",
    ),
]
