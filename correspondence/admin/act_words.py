"""What the pages say of each thing that caseworkers do with letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from correspondence.statuses import Act


@dataclass(frozen=True, slots=True)
class Words:
    """Of one of them. `can` and `button` take a count."""

    title: Any
    meaning: Any
    can: Any
    cannot: Any
    button: Any
    reason_help: Any = ""


WORDS: Mapping[Act, Words] = {
    Act.RETRY: Words(
        _("Retry letters that were set aside"),
        _("Each gets another round of attempts, and goes out at once if the fault is mended."),
        ngettext_lazy("%(count)s letter is retried.", "%(count)s letters are retried.", "count"),
        ngettext_lazy("%(count)s letter cannot be retried", "%(count)s letters cannot be retried", "count"),
        ngettext_lazy("Retry %(count)s letter", "Retry %(count)s letters", "count"),
    ),
    Act.SEND_AGAIN: Words(
        _("Send failed letters again"),
        _(
            "Each recipient gets a new letter with the same content and the same files, by the rules that hold today. "
            "The failed letter stays as it is, and both show where the other one is."
        ),
        ngettext_lazy("%(count)s letter is sent again.", "%(count)s letters are sent again.", "count"),
        ngettext_lazy("%(count)s letter cannot be sent again", "%(count)s letters cannot be sent again", "count"),
        ngettext_lazy("Send %(count)s letter again", "Send %(count)s letters again", "count"),
    ),
    Act.PUBLISH_NOW: Words(
        _("Publish scheduled letters now"),
        _("Each goes out now, before the time that its sender asked for. This cannot be taken back."),
        ngettext_lazy("%(count)s letter goes out now.", "%(count)s letters go out now.", "count"),
        ngettext_lazy("%(count)s letter cannot be published now", "%(count)s letters cannot be published now", "count"),
        ngettext_lazy("Publish %(count)s letter now", "Publish %(count)s letters now", "count"),
    ),
    Act.CANCEL: Words(
        _("Cancel letters before they are published"),
        _("Each is marked as failed and never goes out. This cannot be taken back, but a letter can be sent again."),
        ngettext_lazy("%(count)s letter is cancelled.", "%(count)s letters are cancelled.", "count"),
        ngettext_lazy("%(count)s letter cannot be cancelled", "%(count)s letters cannot be cancelled", "count"),
        ngettext_lazy("Cancel %(count)s letter", "Cancel %(count)s letters", "count"),
        _("The sender reads it in the history of each letter."),
    ),
}
