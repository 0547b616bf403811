"""What psycopg2's errors mean, by their SQLSTATE. Their texts are left out: they may hold addresses and values."""

import re

import psycopg2

from connectors.errors import (
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    PermissionMissing,
    RecordInvalid,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    Timeout,
)
from connectors.supabase.source import ColumnsChanged

_LATER = "It is tried again later."
# A refused login has no SQLSTATE in psycopg2: only the server's words tell it from a server that is away.
_LOGIN = re.compile(r"password authentication failed|no password supplied|Tenant or user not found|SASL auth", re.I)
_CLOSED = re.compile(r"no pg_hba\.conf entry|not permitted to log in|permission denied for database", re.I)
_NO_DATABASE = re.compile(r'database ".*" does not exist', re.I)
_SLOW = re.compile(r"timeout expired|timed out", re.I)
_CROWDED = re.compile(r"too many (clients|connections)|remaining connection slots|max clients", re.I)


def database_error(error: psycopg2.Error, stream: str | None) -> ConnectorError | ColumnsChanged:
    """The error a failed statement stands for."""
    state = error.pgcode or ""
    detail = f"SQLSTATE {state}" if state else type(error).__name__
    if state == "42703" or (state == "42883" and stream):  # no such column; no comparison of these types any more
        return ColumnsChanged(detail)
    if state in ("57014", "25P03", "25P04"):
        return Timeout("The database took too long.", stream=stream, hint=_LATER, detail=detail)
    if state == "55P03":
        return Timeout("Somebody else holds the table locked.", stream=stream, hint=_LATER, detail=detail)
    if state == "42501":
        hint = "Grant select to the login's role, or leave the table out."
        if stream is None:
            return PermissionMissing("The login may not read the schema.", hint=hint, detail=detail)
        return StreamForbidden("The login may not read this table.", stream=stream, hint=hint, detail=detail)
    if state in ("42P01", "3F000") and stream:
        hint = "Discover the source anew."
        return StreamGone("The table is no longer there.", stream=stream, hint=hint, detail=detail)
    if state.startswith("28"):
        return _credentials(detail)
    if state[:2] in ("22", "25", "38", "39", "42", "54", "P0") and stream:
        hint = "Look at the detail; the other tables are read."
        return RecordInvalid("The database cannot hand out this table.", stream=stream, hint=hint, detail=detail)
    return SourceUnavailable("The database broke off.", stream=stream, hint=_LATER, detail=detail)


def connect_error(error: psycopg2.Error) -> ConnectorError:
    """The error a connection that did not come about stands for."""
    words = str(error)
    if _LOGIN.search(words):
        return _credentials("login refused")
    if _NO_DATABASE.search(words):
        return ConfigInvalid("There is no database of this name.", hint="Check the path of database_url.")
    if _CLOSED.search(words):
        hint = "Let the login connect from here."
        return PermissionMissing(
            "The database does not let this login in.", hint=hint, detail="connection refused by rule"
        )
    if _CROWDED.search(words):
        return SourceUnavailable("The database has no connection left.", hint=_LATER, detail="too many connections")
    if _SLOW.search(words):
        return Timeout("The database did not answer in time.", hint=_LATER, detail="connecting")
    return SourceUnavailable("The database cannot be reached.", hint=_LATER, detail="connecting")


def _credentials(detail: str) -> CredentialsExpired:
    hint = "Set database_url with a login that works now."
    return CredentialsExpired("The database does not accept the login.", hint=hint, detail=detail)
