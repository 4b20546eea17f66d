"""The shape of `notification` (contract http-api.md §3.5): read and kept from day one, while nothing acts on it."""

from config.kernel.wire import Flag, Text, WireEnum, WireSerializer
from correspondence.statuses import EmailContentType, NotificationChannel, NotificationTemplate

_SUBJECT, _EMAIL, _SMS = 512, 10_000, 2_144


def _optional(max_length: int | None = None) -> Text:
    return Text(max_length=max_length, required=False, allow_null=True, default=None)


class NotificationRecipient(WireSerializer):
    """Whom to notify in place of, or beside, the recipient."""

    emailAddress = _optional()
    mobileNumber = _optional()
    organizationNumber = _optional()
    nationalIdentityNumber = _optional()
    isReserved = Flag(required=False, allow_null=True, default=None)


class OverriddenRecipient(WireSerializer):
    """Deprecated; only the first entry counts."""

    recipientToOverride = Text()
    recipients = NotificationRecipient(many=True, required=False, allow_null=True, default=None)


class Notification(WireSerializer):
    """What recipients are told outside this service."""

    notificationTemplate = WireEnum(
        NotificationTemplate, required=False, default=NotificationTemplate.CustomMessage.name
    )
    notificationChannel = WireEnum(
        NotificationChannel, must_have_name=True, required=False, default=NotificationChannel.Email.name
    )
    reminderNotificationChannel = WireEnum(
        NotificationChannel, must_have_name=True, required=False, allow_null=True, default=None
    )
    emailSubject = _optional(_SUBJECT)
    reminderEmailSubject = _optional(_SUBJECT)
    emailBody = _optional(_EMAIL)
    reminderEmailBody = _optional(_EMAIL)
    emailContentType = WireEnum(
        EmailContentType, must_have_name=True, required=False, default=EmailContentType.Plain.name
    )
    reminderEmailContentType = WireEnum(
        EmailContentType, must_have_name=True, required=False, allow_null=True, default=None
    )
    smsBody = _optional(_SMS)
    reminderSmsBody = _optional(_SMS)
    sendReminder = Flag(required=False, default=False)
    overrideRegisteredContactInformation = Flag(required=False, default=False)
    sendersReference = _optional()
    customRecipients = NotificationRecipient(many=True, required=False, allow_null=True, default=None)
    customRecipient = NotificationRecipient(required=False, allow_null=True, default=None)
    customNotificationRecipients = OverriddenRecipient(many=True, required=False, allow_null=True, default=None)
