"""Mailings in the back-office."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from config.kernel.back_office import PageAdmin
from correspondence.admin import mailing_page
from correspondence.admin.mailing_list import MailingList
from correspondence.models import Mailing


@admin.register(Mailing)
class MailingAdmin(MailingList, PageAdmin):
    """What senders wrote."""

    change_form_template = "admin/correspondence/mailing/change_form.html"

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return mailing_page.context(request, row)
