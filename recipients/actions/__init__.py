"""Every change of the register of parties."""

from recipients.actions.import_parties import Batch, Refusal, import_parties
from recipients.actions.register_party import register_party

__all__ = ["Batch", "Refusal", "import_parties", "register_party"]
