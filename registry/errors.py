"""Faults of callers and resources (contract validation.md §4 and §7)."""

from config.kernel.errors import DomainError


class ResourceNotFound(DomainError):
    """No resource with this id, or it has no owner."""

    code = 1036
    text = "There is no resource {resource}."


class NoAccess(DomainError):
    """The caller has no right to this resource or party."""

    code = 4001
    status = 401
    text = "The caller has no access to this, neither by itself nor by a right that it was given."


class LevelTooLow(NoAccess):
    """A recipient whose token says too little of how it was authenticated."""

    text = "The resource demands authentication level {least}, and the token has level {level}."


class CallerUnknown(DomainError):
    """The token names neither an organisation nor a person."""

    code = 4006
    status = 401
    text = "The token names neither an organisation nor a person."


class WrongResourceType(DomainError):
    """A resource that cannot carry correspondence."""

    code = 4010
    text = "The resource {resource} is of type {type}, which cannot carry correspondence."
