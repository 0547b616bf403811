"""Taking a person's decision: on what they saw, in one transaction, and what follows once it is committed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from fastapi import Request, Response

from api.conditional import Conditional, entity_tag
from api.dependencies import CurrentActor, Held, Session
from api.problems import Invalid
from api.schemas.approvals import DecisionOut
from api.schemas.rules import RuleIn
from api.unit_of_work import UnitOfWork
from assets.mapping.repairs.deciding import Decided, EditInvalid
from assets.mapping.rule_syntax import RuleUnreadable, parse_rule
from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_from_json
from assets.normalize.edits import written_rule
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.resources.approvals_mirror import ApprovalsMirror
from orchestration.resources.nudges import nudge


class Decisions:
    """For endpoints in which somebody decides."""

    def __init__(
        self,
        request: Request,
        response: Response,
        session: Session,
        actor: CurrentActor,
        held: Held,
        wants: Conditional,
    ) -> None:
        self.session, self.by = session, actor.name
        self._unit: UnitOfWork = request.state.unit
        self._response, self._held, self._tenant_id, self._wants = response, held, actor.tenant_id, wants

    def take_up(self, proposal_id: UUID) -> ProposalRecord:
        """The proposal, if it is still what the caller saw; nobody else changes it until this request ends.

        Raises:
            NotFound, PreconditionFailed: see there.
        """
        connection_id = self.session.proposals.get(proposal_id).connection_id
        self.session.mappings.take_turns(connection_id)
        proposal = self.session.proposals.get(proposal_id)
        self._wants.check(proposal_tag(proposal))
        return proposal

    def take_up_mapping(self, connection_id: UUID, stream: str) -> MappingRecord | None:
        """The same for the mapping in force of a stream. NotFound for a connection that is not there."""
        self.session.mappings.take_turns(connection_id)
        mapping = self.session.mappings.active(connection_id, stream)
        self._wants.check(mapping_tag(mapping) if mapping else None)
        return mapping

    def answer(self, decided: Decided) -> DecisionOut:
        """What came of it; 202 where something remains to be done. Afterwards the replay is begun at once."""
        if decided.sync_run_id is not None or decided.status == "waiting_for_second":
            self._response.status_code = 202
        if decided.sync_run_id is not None:
            self._unit.after_commit(lambda: nudge(self._held.events.client, self._tenant_id))
        if decided.proposal_id is not None:
            proposal = self.session.proposals.get(decided.proposal_id)
            mirror = ApprovalsMirror(self._held.events.client)
            self._unit.after_commit(lambda: mirror.put(self._tenant_id, proposal))
        return DecisionOut(
            proposal_id=decided.proposal_id, status=decided.status, mapping_version=decided.mapping_version,
            sync_run_id=decided.sync_run_id, told=decided.told,
        )  # fmt: skip


def proposal_tag(proposal: ProposalRecord) -> str:
    """Changes when what would be decided on does: newer evidence, or a decision."""
    return entity_tag("proposal", proposal.id, proposal.revision, proposal.status, proposal.applied_version)


def mapping_tag(mapping: MappingRecord) -> str:
    """Changes with every version put in force."""
    return entity_tag("mapping", mapping.connection_id, mapping.stream, mapping.version)


@contextmanager
def readable_rules() -> Iterator[None]:
    """A block in which rules that cannot be used are the caller's to correct. Raises Invalid."""
    try:
        yield
    except (EditInvalid, RuleUnreadable) as invalid:
        raise Invalid(str(invalid)) from invalid


def read_rules(written: Sequence[RuleIn]) -> tuple[FieldRule, ...]:
    """The rules of a request. Raises RuleUnreadable."""
    return tuple(rule for one in written for rule in _rules(one))


def _rules(one: RuleIn) -> Iterator[FieldRule]:
    if one.line is None:
        transform = one.transform.model_dump() if one.transform else None
        document = {"source": one.source, "target": one.target, "transform": transform}
    else:
        line = parse_rule(one.line)
        transform = {"kind": line.transform.kind, "args": dict(line.transform.args)}
        document = {"source": line.source, "target": line.target, "transform": transform}
    yield from rules_from_json([written_rule({**document, "since": one.since, "until": one.until})])
