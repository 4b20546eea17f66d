"""The resources, as pages of an import see them."""

from typing import Any, BinaryIO

from config.imports.forms import ConfirmForm
from config.imports.models import Upload
from config.imports.preview import Preview
from config.kernel import clock
from registry import actions
from registry.actions.import_resources import MOST_LINES
from registry.policies import visible_owners
from registry.resource_columns import COLUMNS, KEY
from registry.resource_file import ResourceFile


class ResourceImporter:
    """The resources, as pages of an import see them: those of the user's owners."""

    columns, key, most_lines = COLUMNS, KEY, MOST_LINES

    def read(self, file: BinaryIO) -> ResourceFile:
        return ResourceFile(file)

    def preview(self, file: BinaryIO, user: Any, most: int) -> Preview:
        return actions.preview_resource_file(file=ResourceFile(file), owners=visible_owners(user), most=most)

    def carry_out(self, file: BinaryIO, user: Any, upload: Upload, confirmed: ConfirmForm) -> Preview:
        return actions.import_resource_file(
            file=ResourceFile(file),
            owners=visible_owners(user),
            name=upload.name,
            seal=confirmed.cleaned_data["seal"],
            leave_out_bad=confirmed.leaves_out_bad,
            by=user.get_username(),
            now=clock.now(),
        )
