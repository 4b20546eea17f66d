"""What the back-office does with a file of parties."""

from typing import Any, BinaryIO

from config.imports.forms import ConfirmForm
from config.imports.models import Upload
from config.imports.preview import MOST_LINES, Preview
from config.kernel import clock
from recipients import actions
from recipients.party_columns import COLUMNS, IDENTIFIER
from recipients.party_file import PartyFile


class PartyImporter:
    """The register of parties, as pages of an import see it."""

    columns, key, most_lines = COLUMNS, IDENTIFIER, MOST_LINES

    def read(self, file: BinaryIO) -> PartyFile:
        return PartyFile(file)

    def preview(self, file: BinaryIO, user: Any, most: int) -> Preview:
        return actions.preview_party_file(file=PartyFile(file), most=most)

    def carry_out(self, file: BinaryIO, user: Any, upload: Upload, confirmed: ConfirmForm) -> Preview:
        return actions.import_party_file(
            file=PartyFile(file),
            name=upload.name,
            seal=confirmed.cleaned_data["seal"],
            leave_out_bad=confirmed.leaves_out_bad,
            by=user.get_username(),
            now=clock.now(),
        )
