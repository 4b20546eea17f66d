"""The registry in the back-office."""

from django.contrib import admin

from registry.models import Resource, ServiceOwner


@admin.register(ServiceOwner)
class ServiceOwnerAdmin(admin.ModelAdmin):
    """Organisations that send."""

    list_display = ("organization_number", "name", "code")
    search_fields = ("organization_number", "name", "code")


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    """Message services."""

    list_display = ("id", "title", "type", "owner", "is_confidential", "minimum_authentication_level")
    list_filter = ("type", "is_confidential")
    list_select_related = ("owner",)
    search_fields = ("id", "title", "owner__organization_number", "owner__name")
    autocomplete_fields = ("owner",)

    def get_readonly_fields(self, request: object, obj: Resource | None = None) -> tuple[str, ...]:
        # Mailings refer to it: another id would be another resource.
        return ("id",) if obj else ()
