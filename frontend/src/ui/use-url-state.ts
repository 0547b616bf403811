/**
 * Filters, tabs and sorting in the address, so that a reload and a link show the same. Each field names how it is read;
 * what does not fit is the field's default, and a default is left out of the address.
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

export interface Field<T> {
  fallback: T;
  read: (value: unknown) => T | undefined;
}

type Fields = Record<string, Field<unknown>>;
type Values<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

export function text(fallback = ""): Field<string> {
  // The router reads ?q=12 as a number.
  return {
    fallback,
    read: (value) => (typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined),
  };
}

export function oneOf<const T extends string, F extends T | null = T>(
  options: readonly T[],
  fallback: F,
): Field<T | F> {
  return { fallback, read: (value) => options.find((option) => option === value) };
}

export function whole(fallback: number, least = 0): Field<number> {
  return {
    fallback,
    read: (value) => (typeof value === "number" && Number.isInteger(value) && value >= least ? value : undefined),
  };
}

export function flag(fallback = false): Field<boolean> {
  return { fallback, read: (value) => (typeof value === "boolean" ? value : undefined) };
}

export function readFields<F extends Fields>(fields: F, search: Record<string, unknown>): Values<F> {
  const entries = Object.entries(fields).map(([name, field]) => [name, field.read(search[name]) ?? field.fallback]);
  return Object.fromEntries(entries) as Values<F>;
}

/** `fields` has to be a constant of the module. Changing replaces the address unless `push` says that Back undoes it. */
export function useUrlState<F extends Fields>(
  fields: F,
): [Values<F>, (change: Partial<Values<F>>, push?: boolean) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const values = useMemo(() => readFields(fields, search), [fields, search]);
  const set = useCallback(
    (change: Partial<Values<F>>, push = false) => {
      const cleaned = (before: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries({ ...before, ...change }).filter(
            ([name, value]) => value !== undefined && value !== fields[name]?.fallback,
          ),
        );
      void navigate({ to: ".", search: cleaned, replace: !push, resetScroll: false });
    },
    [fields, navigate],
  );
  return [values, set];
}
