"""A CSV file of parties, read line by line."""

from typing import BinaryIO

from config.imports.csv_file import CsvFile
from recipients.party_columns import COLUMNS, IDENTIFIER


class PartyFile(CsvFile):
    """An open file of parties, its header read."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the header; the file stands at its second line afterwards.

        Raises:
            UnusableFile: there is none that can be used.
        """
        super().__init__(file, COLUMNS, IDENTIFIER)
