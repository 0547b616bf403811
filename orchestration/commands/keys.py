"""`autonomos keys list|rotate`: the keys that access tokens are signed with."""

from typing import Annotated

import typer

from orchestration.commands.output import JsonOption, Output, table


def list_keys(as_json: JsonOption = False) -> None:
    """List the keys whose tokens count now; the one without an end signs."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "keys list") as access, access.control_plane.identity_session() as identity:
        found = identity.verifying_keys()
    document = [{"kid": key.kid, "created_at": key.created_at, "verifies_until": key.verifies_until} for key in found]
    cells = [(key.kid, key.created_at, key.verifies_until) for key in found]
    output.result({"keys": document}, table("Signing keys", ("kid", "created", "verifies until"), cells))


def rotate(
    distrust: Annotated[
        bool,
        typer.Option("--distrust", help="The old keys may be known to others: what they signed counts no more."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Sign with a new key from now on; running processes take it up within half a minute.

    Tokens of the old one count until they expire, in ten minutes. Nobody is logged out, also not by --distrust:
    who is asked for a new token gets one with the refresh token.
    """
    from orchestration.commands.access import open_access
    from orchestration.control_plane.signing_keys import VERIFIES_FOR_S, rotate_signing_key

    output = Output(as_json)
    with open_access(output, "keys rotate") as access, access.control_plane.identity_session() as identity:
        kid = rotate_signing_key(identity, 0 if distrust else VERIFIES_FOR_S)
    output.result({"kid": kid, "distrusted": distrust}, f"New tokens are signed with key {kid}.")
