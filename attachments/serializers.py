"""The shape of attachments on the wire (contract http-api.md §3.4)."""

from collections.abc import Iterator

from attachments.statuses import DataLocationTypeIn
from config.kernel.wire import Flag, Text, Uuid, WholeNumber, WireEnum, WireSerializer


class Checksum(Text):
    """Blank, or 32 characters without upper case: an MD5 in hexadecimal, which is not looked at closer."""

    def _broken_rules(self, text: str) -> Iterator[str]:
        if text.strip() and (len(text) != 32 or text != text.lower()):
            yield "must be an MD5 of 32 characters without upper case"


class AttachmentMetadata(WireSerializer):
    """A file of the same request, as described in `content.attachments`."""

    id = Uuid(required=False, allow_null=True, default=None)
    fileName = Text(max_length=255, may_be_empty=True)
    displayName = Text(max_length=255, required=False, allow_null=True, default=None)
    isEncrypted = Flag(required=False, default=False)
    checksum = Checksum(required=False, allow_null=True, default="")
    sendersReference = Text(max_length=4096)
    expirationInDays = WholeNumber(required=False, allow_null=True, default=None)
    dataLocationType = WireEnum(
        DataLocationTypeIn, required=False, default=DataLocationTypeIn.NewCorrespondenceAttachment.name
    )
