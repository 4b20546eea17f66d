"""Every change of the register of parties."""

from recipients.actions.import_file import import_party_file, preview_party_file
from recipients.actions.import_parties import Batch, Refusal, import_parties
from recipients.actions.register_party import register_party
from recipients.actions.remove_party import remove_party

__all__ = [
    "Batch",
    "Refusal",
    "import_parties",
    "import_party_file",
    "preview_party_file",
    "register_party",
    "remove_party",
]
