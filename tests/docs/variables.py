"""Which environment variables the service reads, as its reader noted them."""

from pathlib import Path

from config.devtools.settings_table import explained, read_by_the_service
from config.env import Variable

ROOT = Path(__file__).resolve().parents[2]


def by_name() -> dict[str, Variable]:
    return {variable.name: variable for variable in explained(read_by_the_service())}
