"""Commands, as operators give them."""

from io import StringIO

from django.core.management import call_command


def run(*arguments: str) -> str:
    """What the command prints."""
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip()
