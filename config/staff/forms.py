"""Forms of the second factor."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.staff import lockout, second_factor

_CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}


class CodeForm(forms.Form):
    """Asks for a code; once it is valid, the session has passed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("The six digits that your authenticator app shows now, or one of your recovery codes."),
        widget=forms.TextInput(attrs=_CODE),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            second_factor.verify(request=self.request, code=code)
        except ValidationError:
            lockout.count_failure(self.request, self.request.user.get_username())
            raise
        return code


class SetUpForm(forms.Form):
    """Takes back an offered key with a code of the app that has it; `recovery_codes` are there once it is valid."""

    key = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("The six digits that the app shows for it now."),
        widget=forms.TextInput(attrs={**_CODE, "inputmode": "numeric"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.accepted_key: str | None = None
        self.recovery_codes: list[str] = []

    def clean_key(self) -> str:
        signed: str = self.cleaned_data["key"]
        self.accepted_key = second_factor.accepted_key(self.request.user, signed)
        return signed

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.accepted_key:
            self.recovery_codes = second_factor.set_up(request=self.request, key=self.accepted_key, code=code)
        return code
