/** What is typed about a connection that exists, and what of it differs from what is stored. */
import { useMemo, useState } from "react";

import type { Schemas } from "@/api/types";
import type { Connection } from "@/api/types";
import { configFields } from "@/features/connections/config-schema";
import { changedConfig, collect, valuesOf } from "@/features/connections/config-values";
import type { SourceKind } from "@/features/connections/kinds-query";
import { problemOfPlan, readPlan, writePlan } from "@/features/connections/schedule-plan";

type Change = Schemas["ConnectionChange"];

export function useEditForm(connection: Connection, kind: SourceKind) {
  const fields = useMemo(() => configFields(kind), [kind]);
  const [name, setName] = useState(connection.name);
  const [owner, setOwner] = useState(connection.owner);
  const [risk, setRisk] = useState(connection.risk_level);
  const [scopes, setScopes] = useState(connection.scopes_mode);
  const [locator, setLocator] = useState(connection.credential_locator ?? "");
  const [plan, setPlan] = useState(() => readPlan(connection.schedule));
  const [values, setValues] = useState(() => valuesOf(fields, connection.config));
  const { config, credentials, errors } = collect(fields, values);
  const planError = problemOfPlan(plan);
  if (name.trim() === "") errors["name"] = "Give it a name";

  const changes: Change = {};
  if (name.trim() !== connection.name) changes.name = name.trim();
  if (owner.trim() !== connection.owner && owner.trim() !== "") changes.owner = owner.trim();
  if (risk !== connection.risk_level) changes.risk_level = risk;
  if (scopes !== connection.scopes_mode) changes.scopes_mode = scopes;
  if (locator.trim() !== (connection.credential_locator ?? "")) changes.credential_locator = locator.trim() || null;
  if (writePlan(plan) !== writePlan(readPlan(connection.schedule))) changes.schedule = writePlan(plan);
  const changed = changedConfig(fields, connection.config, config);
  if (Object.keys(changed).length > 0) changes.config = changed;
  if (Object.keys(credentials).length > 0) changes.credentials = credentials;

  return {
    fields, name, setName, owner, setOwner, risk, setRisk, scopes, setScopes, locator, setLocator, plan, setPlan,
    values, setValues, errors, planError, changes,
    isDirty: Object.keys(changes).length > 0,
    isValid: Object.keys(errors).length === 0 && planError === undefined,
  }; // prettier-ignore
}
