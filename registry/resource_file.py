"""A CSV file of resources, read line by line."""

from typing import BinaryIO

from config.imports.csv_file import CsvFile
from registry.resource_columns import COLUMNS, KEY


class ResourceFile(CsvFile):
    """An open file of resources, its header read."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the header; the file stands at its second line afterwards.

        Raises:
            UnusableFile: there is none that can be used.
        """
        super().__init__(file, COLUMNS, KEY)
