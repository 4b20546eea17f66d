"""Scope policies: which kind of operation a caller's token opens (contract access.md §3), before the body is read."""

from collections.abc import Callable
from dataclasses import replace

from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied

from config.kernel import scopes
from config.kernel.caller import Caller, IssuerKind

# Answers the caller as it is let through.
Gate = Callable[[Caller | None], Caller]


def sender(caller: Caller | None) -> Caller:
    """Lets through who may send: scope write, or a platform token in its place.

    Raises:
        NotAuthenticated: no token.
        AuthenticationFailed: a dialog token, which is for recipients.
        PermissionDenied: the scope does not do.
    """
    known = _present(caller)
    if known.kind is IssuerKind.DIALOG:
        raise AuthenticationFailed("Authorization: a dialog token cannot send.")
    if not _may_write(known):
        raise PermissionDenied(f"The token needs the scope {_write_scopes(known)}.")
    return known


def either(caller: Caller | None) -> Caller:
    """Lets through who may send or receive. A platform token opens it for its owner, and never for a recipient.

    Raises:
        NotAuthenticated: no token.
        PermissionDenied: the scope does not do.
    """
    known = _present(caller)
    if known.kind is IssuerKind.DIALOG:
        if "read" not in known.actions:
            raise PermissionDenied("The dialog token does not hold the action read.")
    elif not _may_write(known) and scopes.READ not in known.scopes:
        raise PermissionDenied(f"The token needs the scope {_write_scopes(known)} or {scopes.READ}.")
    elif not _scopes_may_write(known) and scopes.READ not in known.scopes:
        return replace(known, receives=False)
    return known


def recipient(caller: Caller | None) -> Caller:
    """Lets through who may receive: an Altinn token with scope read, or a dialog token with the action read.

    Raises:
        NotAuthenticated: no token.
        PermissionDenied: the scope does not do, or the token is not one of Altinn's.
    """
    known = _present(caller)
    if known.kind is IssuerKind.DIALOG:
        either(known)
    else:
        _check_is_altinns(known, scopes.READ)
    return known


def download(caller: Caller | None) -> Caller:
    """Lets through who may fetch files as a recipient; a dialog token's actions are asked for later.

    Raises:
        NotAuthenticated: no token.
        PermissionDenied: the scope does not do, or the token is not one of Altinn's.
    """
    known = _present(caller)
    if known.kind is not IssuerKind.DIALOG:
        _check_is_altinns(known, scopes.READ, scopes.END_USER)
    return known


def _check_is_altinns(caller: Caller, *any_of: str) -> None:
    if caller.kind is not IssuerKind.ALTINN:
        raise PermissionDenied("Recipients call with a token of Altinn's own, not with one of another issuer.")
    if caller.scopes.isdisjoint(any_of):
        raise PermissionDenied(f"The token needs the scope {' or '.join(any_of)}.")


def _present(caller: Caller | None) -> Caller:
    if caller is None:
        raise NotAuthenticated("Send a token: Authorization: Bearer …")
    return caller


def _may_write(caller: Caller) -> bool:
    return caller.owner_code is not None or _scopes_may_write(caller)


def _scopes_may_write(caller: Caller) -> bool:
    if caller.kind is IssuerKind.MASKINPORTEN:
        return {scopes.WRITE, scopes.SERVICE_OWNER} <= caller.scopes
    return caller.kind is IssuerKind.ALTINN and scopes.WRITE in caller.scopes


def _write_scopes(caller: Caller) -> str:
    both = f"{scopes.SERVICE_OWNER} and {scopes.WRITE}"
    return both if caller.kind is IssuerKind.MASKINPORTEN else scopes.WRITE
