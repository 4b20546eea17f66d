"""Forms of imports: a file, and a yes."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

NOTHING, GOOD_LINES = "nothing", "good-lines"


class FileForm(forms.Form):
    """A file to look at."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        },
        max_length=None,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        return file


class ConfirmForm(forms.Form):
    """Whether what was shown is to be stored."""

    seal = forms.CharField(widget=forms.HiddenInput)
    bad_lines = forms.ChoiceField(
        label=_("Some lines have errors"),
        choices=[
            (NOTHING, _("Import nothing: I mend the file, and bring it again.")),
            (GOOD_LINES, _("Import the lines without errors, and leave the others out.")),
        ],
        initial=NOTHING,
        required=False,
        widget=forms.RadioSelect,
    )

    @property
    def leaves_out_bad(self) -> bool:
        """Whether the lines without errors are to be imported alone."""
        data: dict[str, Any] = self.cleaned_data
        return bool(data.get("bad_lines") == GOOD_LINES)
