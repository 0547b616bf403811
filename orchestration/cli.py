"""The command line: `./autonomos COMMAND`. One file a command lies in `commands`; here they are put together.

Every error ends as one sentence on stderr (with --json as a document on stdout besides) and a non-zero exit status.
`--debug`, anywhere among the options, shows the traceback instead.
"""

import sys
from typing import Annotated

import typer

from orchestration.commands import (
    approvals,
    approvals_decide,
    audit,
    bench,
    connect,
    connections,
    contract,
    demo,
    doctor,
    drift,
    drift_play,
    entity,
    funnel,
    intent,
    keys,
    mappings,
    match,
    rejects,
    repair,
    secret,
    streams,
    sync,
    sync_log,
    tenant,
    up,
    user,
    view,
)
from orchestration.commands import test as tests
from orchestration.commands.errors import FAILED, USAGE, explain
from orchestration.commands.output import to_json

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_PASSES_ARGUMENTS_ON = "test"

app = typer.Typer(
    name="autonomos",
    help="Keeps many companies' business data connected, and repairs itself when sources change.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _group(name: str, help: str, **commands: object) -> None:
    group = typer.Typer(help=help, no_args_is_help=True)
    for command, function in commands.items():
        group.command(command)(function)  # type: ignore[type-var]
    app.add_typer(group, name=name)


app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("connect")(connect.connect)
app.command("sync")(sync.sync)
app.command("sync-log")(sync_log.sync_log)
app.command("funnel")(funnel.show)
app.command("view")(view.view)
app.command("match")(match.match)
_group("tenant", "The companies whose data is here.", create=tenant.create, list=tenant.list_tenants)
_group(
    "connections",
    "A tenant's sources: how they are, and deciding on them.",
    list=connections.list_connections,
    show=connections.show,
    lift=connections.lift,
    hold=connections.hold,
    pause=connections.pause,
    resume=connections.resume,
    delete=connections.delete,
)
_group("streams", "What is read of a source, and how.", list=streams.list_streams, set=streams.set_stream)
_group(
    "secret",
    "A tenant's own credentials, for connections to take by name.",
    put=secret.put,
    list=secret.list_secrets,
    delete=secret.delete,
)
_group(
    "intent",
    "Sources that somebody wants connected, and what stands in the way.",
    list=intent.list_intents,
    retry=intent.retry,
    drop=intent.drop,
)
_group(
    "drift",
    "How sources differ from what was approved.",
    list=drift.list_drift,
    show=drift.show,
    accept=drift.accept,
    play=drift_play.play,
)
_group(
    "entity",
    "Entities of a tenant's own, each with a view.",
    **{
        "declare": entity.declare,
        "map": entity.map_stream,
        "add-field": entity.add_field,
        "list": entity.list_entities,
        "show": entity.show,
        "retire": entity.retire,
    },
)
_group(
    "approvals",
    "Repairs that wait for a person, and deciding on them.",
    list=approvals.list_approvals,
    show=approvals.show,
    approve=approvals_decide.approve,
    reject=approvals_decide.reject,
    choose=approvals_decide.choose,
    edit=approvals_decide.edit,
    undo=approvals_decide.undo,
)
_group(
    "contract",
    "What becomes of changes at a source: evolve, hold or freeze.",
    show=contract.show,
    set=contract.set_contract,
)
_group(
    "user",
    "People, across all tenants.",
    list=user.list_users,
    disable=user.disable,
    enable=user.enable,
)
_group(
    "operator",
    "Users who run the platform.",
    list=user.list_operators,
    grant=user.grant,
    revoke=user.revoke,
)
_group(
    "audit",
    "Tenants' histories: whether they are what they were.",
    verify=audit.verify,
    head=audit.head,
    export=audit.export,
)
_group("keys", "The keys that access tokens are signed with.", list=keys.list_keys, rotate=keys.rotate)
_group("repair", "How repairs are decided.", settings=repair.settings)
_group(
    "mappings",
    "Which source field fills which field of a view.",
    list=mappings.list_mappings,
    history=mappings.history,
    rollback=mappings.rollback,
)
_group("rejects", "Records that could not be taken.", list=rejects.list_rejects, export=rejects.export)
_group(
    "bench",
    "Measurements, each beside its own baseline from the same run.",
    pipeline=bench.pipeline,
    incremental=bench.incremental,
    runs=bench.runs,
    scale=bench.scale,
    services=bench.services,
    match=bench.match,
    api=bench.api,
)
app.command("doctor")(doctor.doctor)
app.command("test", context_settings=tests.TEST_CONTEXT)(tests.test)


@app.callback()
def _root(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    """`main` reads --debug itself; it is declared here to be seen in --help."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command line; the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = next((argument for argument in given if not argument.startswith("-")), "")
    debug = "--debug" in given and command != _PASSES_ARGUMENTS_ON
    if debug:
        given = [argument for argument in given if argument != "--debug"]
    try:
        status = typer.main.get_command(app).main(given, prog_name="autonomos", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except typer.TyperException as error:
        message = error.format_message()
        if message.startswith("Usage:"):  # a command was left out: the help is the answer
            sys.stderr.write(f"{message}\n")
        else:
            _report("usage", f"{message} See --help.", as_json="--json" in given)
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        _report("interrupted", "Interrupted.", as_json=False)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read along has left; nothing more can be said, not even by the interpreter on its way out.
        sys.stderr.close()
        return FAILED
    except Exception as error:  # the last stop: any error becomes one sentence, or its traceback with --debug
        if debug:
            raise
        explanation = explain(error)
        _report(explanation.code, explanation.sentence, as_json="--json" in given)
        return explanation.exit_status


def _report(code: str, sentence: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(to_json({"error": {"code": code, "message": sentence}}) + "\n")
    sys.stderr.write(f"autonomos: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
