"""The columns of a CSV file: what each is called, the field that it holds, and how its text is read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils.translation import gettext as _

_TRUTHS = {
    **dict.fromkeys(("true", "1", "yes", "ja"), True),
    **dict.fromkeys(("false", "0", "no", "nei", ""), False),
}


class BadLine(ValueError):
    """A line that is left out. The text names the rule and never repeats the line: it may hold a person number.

    `column` is the one at fault; empty where it is the line as a whole.
    """

    def __init__(self, rule: str, column: str = "", *, is_sentence: bool = False) -> None:
        """A rule goes on from the column's name ("… is empty"), unless it is a sentence of its own."""
        between = ": " if is_sentence else " "
        super().__init__(f"{column}{between}{rule}" if column else rule)
        self.rule, self.column = rule, column


class Column(NamedTuple):
    """One column: its name in the header, the field of the model, what gives the field's value for a text, and help."""

    name: str
    field: str
    parse: Callable[[str], Any]
    explained: Any = ""  # for people, translated when it is shown
    example: str = ""

    def read(self, text: str) -> Any:
        """The value that the text stands for.

        Raises:
            BadLine: it stands for none.
        """
        try:
            return self.parse(text)
        except BadLine as fault:
            raise BadLine(fault.rule, self.name) from None
        except ValidationError as fault:
            raise BadLine(" ".join(fault.messages), self.name, is_sentence=True) from None


def checked(model: type[Model], name: str) -> Callable[[str], str]:
    """Reads a text: without blanks around it, if the model's own validators have no objection."""
    field = model._meta.get_field(name)
    assert isinstance(field, Field)

    def parse(text: str) -> str:
        value = text.strip()
        field.run_validators(value)
        return value

    return parse


def truth(text: str) -> bool:
    """Reads a yes or a no.

    Raises:
        ValidationError: it is neither.
    """
    answer = _TRUTHS.get(text.strip().lower())
    if answer is None:
        raise ValidationError(_("Enter true or false, 1 or 0, ja or nei, yes or no, or nothing for false."))
    return answer
