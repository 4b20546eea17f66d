"""What a file's extension says of it (contract http-api.md §5.2 and §7), and how it is named in an answer."""

from urllib.parse import quote

_OOXML = "application/vnd.openxmlformats-officedocument"
_DATA_TYPES = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "pps": "application/vnd.ms-powerpoint",
    "docx": f"{_OOXML}.wordprocessingml.document",
    "xlsx": f"{_OOXML}.spreadsheetml.sheet",
    "zip": "application/zip",
    "pdf": "application/pdf",
    "json": "application/json",
    "dcm": "application/dicom",
    "dicom": "application/dicom",
    "html": "text/html",
    "txt": "text/plain",
    "xml": "text/xml",
    "csv": "text/csv",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "png": "image/png",
}
_UNKNOWN_DATA_TYPE = "binary_octet_stream"

BYTES = "application/octet-stream"
_INLINE = ("pdf", "png", "jpg", "jpeg", "gif", "bmp")
_CONTENT_TYPES = {
    **{extension: _DATA_TYPES[extension] for extension in (*_INLINE, "json", "dcm", "dicom")},
    "xml": "application/xml",
    **{extension: f"{_DATA_TYPES[extension]}; charset=utf-8" for extension in ("txt", "csv", "html")},
}

# Every Content-Type that a recipient's download may have.
ANSWERED_TYPES = tuple(sorted({BYTES, *_CONTENT_TYPES.values()}))


def extension_of(file_name: str) -> str:
    """What stands behind the last dot, in lower case."""
    return file_name.rpartition(".")[2].lower()


def data_type_of(file_name: str) -> str:
    """`dataType` of the wire (contract http-api.md §5.2)."""
    return _DATA_TYPES.get(extension_of(file_name), _UNKNOWN_DATA_TYPE)


def content_type_of(file_name: str) -> str:
    """The Content-Type of a recipient's download (contract http-api.md §7)."""
    return _CONTENT_TYPES.get(extension_of(file_name), BYTES)


def disposition_of(file_name: str, *, to_save: bool = False) -> str:
    """The Content-Disposition of a recipient's download (contract http-api.md §7, RFC 6266, RFC 8187).

    With `to_save` no browser opens the file itself.
    """
    starred = f"filename*=UTF-8''{quote(file_name, safe='!#$&+-.^_`|~')}"
    if not to_save and extension_of(file_name) in _INLINE:
        return f"inline; {starred}"
    return f'attachment; filename="{_plain(file_name)}"; {starred}'


def recipient_headers(file_name: str) -> dict[str, str]:
    """The headers of a recipient's download that its name decides (contract http-api.md §7)."""
    return {"Content-Type": content_type_of(file_name), "Content-Disposition": disposition_of(file_name)}


def _plain(file_name: str) -> str:
    """For clients that do not read the starred form: what a quoted string cannot hold is an underscore."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\%' else "_" for letter in file_name)
