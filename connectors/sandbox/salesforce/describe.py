"""The describe resources: which objects there are, and their fields, in the service's shape."""

from typing import Any

from connectors.sandbox.salesforce.objects import ObjectField, SObject


def global_describe(objects: list[SObject], writes: bool) -> dict[str, Any]:
    """The answer of /sobjects."""
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_summary(one, writes) for one in objects]}


def object_describe(made: SObject, writes: bool) -> dict[str, Any]:
    """The answer of /sobjects/X/describe: only the fields the login may see."""
    fields = [_field(one) for one in made.visible().values()]
    return {**_summary(made, writes), "fields": fields, "childRelationships": [], "recordTypeInfos": []}


def _summary(made: SObject, writes: bool) -> dict[str, Any]:
    path = f"/services/data/v62.0/sobjects/{made.name}"
    return {
        "name": made.name,
        "label": made.label,
        "labelPlural": f"{made.label}s",
        "keyPrefix": made.prefix,
        "custom": made.name.endswith("__c"),
        "customSetting": False,
        "queryable": made.queryable,
        "retrieveable": made.queryable,
        "replicateable": True,
        "searchable": True,
        "createable": writes,
        "updateable": writes,
        "deletable": writes,
        "undeletable": writes,
        "triggerable": True,
        "deprecatedAndHidden": False,
        "urls": {"sobject": path, "describe": f"{path}/describe", "rowTemplate": f"{path}/{{ID}}"},
    }


def _field(one: ObjectField) -> dict[str, Any]:
    number = one.storage.startswith("DECIMAL")
    precision, scale = (int(part) for part in one.storage[8:-1].split(",")) if number else (0, 0)
    return {
        "name": one.name,
        "label": one.label,
        "inlineHelpText": one.help,
        "type": one.type,
        "soapType": f"xsd:{one.type}",
        "length": 18 if one.type in ("id", "reference") else 255 if one.type == "string" else 0,
        "precision": precision,
        "scale": scale,
        "digits": 18 if one.type == "int" else 0,
        "nillable": one.nillable,
        "custom": one.is_custom,
        "calculated": False,
        "compoundFieldName": one.compound,
        "createable": False,
        "updateable": False,
        "filterable": one.type not in ("base64", "address", "location"),
        "sortable": one.type not in ("base64", "address", "location"),
        "referenceTo": list(one.reference_to),
        "relationshipName": one.name.removesuffix("Id") if one.reference_to else None,
        "picklistValues": [],
        "idLookup": one.name == "Id",
        "defaultValue": None,
    }
