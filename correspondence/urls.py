"""Paths below /correspondence/api/v1/."""

from django.urls import path

from correspondence.views import InitializeView, OverviewView

urlpatterns = [
    path("correspondence", InitializeView.as_view(), name="initialize"),
    path("correspondence/<str:correspondenceId>", OverviewView.as_view(), name="overview"),
]
