"""Objects as streams: which are offered, and what describe says of their fields. Asks nothing by itself."""

import re
from dataclasses import dataclass
from typing import Any

from connectors.protocol import Field, Mode, SourceType, Stream

CURSOR_FIELDS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
DELETED_FIELD = "IsDeleted"
# Copies of other objects kept by the service (who may see a record, its field history, its feed), and objects that
# answer only to queries with a filter. Reading them by name is possible.
_NOISE = re.compile(r".+(Share|History|Feed|ChangeEvent|Tag|__e|__b|__kav|ViewStat|VoteStat|__xo)")
_FILTER_ONLY = (
    "ApexPageInfo AppTabMember ColorDefinition ContentDocumentLink ContentFolderItem ContentFolderMember "
    "DataStatistics DatacloudAddress EntityDefinition EntityParticle FieldDefinition FieldSecurityClassification "
    "FlexQueueItem FlowTestView FlowVariableView FlowVersionView IconDefinition IdeaComment ListViewChartInstance "
    "NetworkUserHistoryRecent OutgoingEmail OutgoingEmailRelation OwnerChangeOptionInfo PicklistValueInfo "
    "PlatformAction PlatformEventUsageMetric Publisher RelationshipDomain RelationshipInfo SearchLayout "
    "SiteDetail UserAppMenuItem UserEntityAccess UserFieldAccess UserRecordAccess UserSetupEntityAccess "
    "Vote ActivityHistory OpenActivity EmailStatus LookedUpFromActivity ProcessInstanceHistory NoteAndAttachment "
    "AttachedContentDocument AttachedContentNote CombinedAttachment TopicUserEvent RecordActionHistory "
    "Announcement CollaborationGroupRecord DatacloudDandBCompany FieldHistoryArchive FolderedContentDocument "
    "OwnedContentDocument ContentBody AggregateResult DataType Name QuoteTemplateRichTextData FeedSignal FeedLike "
    "FeedTrackedChange TabDefinition FormulaFunction FormulaFunctionAllowedType FormulaFunctionCategory "
    "EmbeddedServiceDetail EmbeddedServiceLabel"
)
_TYPES: dict[str, SourceType] = {
    "int": "integer",
    "long": "integer",
    "currency": "decimal",
    "double": "decimal",
    "percent": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
    "base64": "binary",
    "anyType": "unknown",
    "complexvalue": "json",
    "json": "json",
}
_COMPOUND = ("address", "location")


@dataclass(frozen=True, slots=True)
class Described:
    """A stream, and the fields describe named that it cannot bring: compounds and files."""

    stream: Stream
    compounds: tuple[str, ...]
    files: tuple[str, ...]
    names: frozenset[str]  # all that describe named


def is_offered(summary: dict[str, Any]) -> bool:
    """Whether an object of the global describe can be read at all."""
    return bool(summary.get("queryable")) and not summary.get("deprecatedAndHidden")


def is_noise(name: str) -> bool:
    """Whether an object is left out unless it is named in `objects`."""
    return name in _FILTER_ONLY.split() or (_NOISE.fullmatch(name) is not None and not name.endswith("__c"))


def described(answer: dict[str, Any]) -> Described:
    """The stream of one object."""
    fields, compounds, files = [], [], []
    cursors: dict[str, bool] = {}
    for one in answer["fields"]:
        name, kind = str(one["name"]), str(one["type"])
        if kind in _COMPOUND:
            compounds.append(name)
        elif kind == "base64":
            files.append(name)
        else:
            fields.append(_field(one, name, kind))
            cursors[name] = bool(one.get("filterable", True)) and bool(one.get("sortable", True))
    names = {one.name for one in fields}
    cursor = next((name for name in CURSOR_FIELDS if cursors.get(name)), None)
    if str(answer["name"]).endswith("__mdt"):
        # Their queries know no OR over two fields, which resuming by a cursor needs, and no deleted records.
        cursor = None
    whole: tuple[Mode, ...] = ("full", "full_with_deletes")
    stream = Stream(
        str(answer["name"]),
        tuple(fields),
        primary_key=("Id",) if "Id" in names else (),
        key_origin="declared" if "Id" in names else "none",
        cursor_field=cursor,
        mode="incremental" if cursor else "full_with_deletes",
        detects_deletes=DELETED_FIELD in names or cursor is None,
        modes=("incremental", *whole) if cursor else whole,
        label=answer.get("label") or None,
    )
    return Described(stream, tuple(compounds), tuple(files), frozenset(str(one["name"]) for one in answer["fields"]))


def write_rights(summaries: list[dict[str, Any]]) -> tuple[str, ...]:
    """What the login may change, object by object: `Account: create, update, delete`."""
    verbs = {"createable": "create", "updateable": "update", "deletable": "delete"}
    rights = []
    for one in summaries:
        may = [verb for flag, verb in verbs.items() if one.get(flag)]
        if may:
            rights.append(f"{one['name']}: {', '.join(may)}")
    return tuple(rights)


def _field(one: dict[str, Any], name: str, kind: str) -> Field:
    return Field(
        name,
        _TYPES.get(kind, "text"),
        nullable=bool(one.get("nillable", True)),
        label=one.get("label") or None,
        description=one.get("inlineHelpText") or None,
    )
