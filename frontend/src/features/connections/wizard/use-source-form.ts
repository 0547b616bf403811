/** What is typed about a source, and whether the last test was of just that. */
import { useMemo, useState } from "react";

import { configFields } from "@/features/connections/config-schema";
import { collect, valuesOf, type ConfigValues } from "@/features/connections/config-values";
import type { Intent } from "@/features/connections/intents-query";
import type { SourceKind } from "@/features/connections/kinds-query";
import { kindLook } from "@/features/connections/kind-look";
import { useTestSource } from "@/features/connections/use-test-source";

export type ScopesMode = "read_only" | "accept_write";

export function useSourceForm(kind: SourceKind, intent: Intent | undefined) {
  const fields = useMemo(() => configFields(kind), [kind]);
  const [typedName, setName] = useState(intent?.name ?? null);
  const [values, setValues] = useState<ConfigValues>(() => (intent ? valuesOf(fields, intent.config) : {}));
  const [locator, setLocator] = useState(intent?.credential_locator ?? "");
  const [scopes, setScopes] = useState<ScopesMode>(intent?.scopes_mode ?? "read_only");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [tested, setTested] = useState<string | null>(null);
  const test = useTestSource();
  // A file that is sent names its connection, until somebody does.
  const name = typedName ?? nameOfFile(kind, values) ?? kindLook(kind.kind).title;

  const written = JSON.stringify([values, locator, scopes]);
  const source = () => {
    const { config, credentials, errors: wrong } = collect(fields, values);
    const found = name.trim() === "" ? { ...wrong, name: "Give it a name" } : wrong;
    setErrors(found);
    if (Object.keys(found).length > 0) return null;
    const secret = locator.trim();
    return {
      kind: kind.kind,
      config,
      credentials,
      credential_locator: secret === "" ? null : secret,
      scopes_mode: scopes,
    };
  };
  const runTest = () => {
    const body = source();
    if (body === null) return;
    setTested(written);
    test.mutate(body);
  };
  // A test of what was typed before says nothing about what is typed now.
  const trial = tested === written ? test.data : undefined;
  const testError = tested === written ? test.error : null;
  return {
    fields, name, setName, values, setValues, locator, setLocator, scopes, setScopes, errors,
    source, runTest, isTesting: test.isPending, trial, testError,
  }; // prettier-ignore
}

/** `customers.csv` -> `customers`; undefined where it is several files, or none. */
function nameOfFile(kind: SourceKind, values: ConfigValues): string | undefined {
  const path = kind.kind === "files" ? values["path"] : undefined;
  return typeof path === "string" ? /^([^*?[\]/]+)\.[a-z]+$/i.exec(path.trim())?.[1] : undefined;
}
