"""What a POST is measured against: the smallest honest DRF view that checks a token and a body and inserts one row."""

from typing import Any
from uuid import uuid4

from django.urls import path
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recipients.models import Party


class OneRow(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=255)
    email = serializers.CharField(max_length=254)


class FloorView(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """Reached with a token: the server is up."""
        return Response({})

    def post(self, request: Request) -> Response:
        serializer = OneRow(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = Party.objects.create(urn=f"urn:bench:{uuid4()}", **serializer.validated_data)
        return Response({"id": row.pk})


urlpatterns = [path("floor", FloorView.as_view())]
