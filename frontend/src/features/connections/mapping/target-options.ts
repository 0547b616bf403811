/** Fields of an entity that a rule may fill, those first that nothing of the stream fills yet. */
import type { Entity } from "@/features/connections/entities-query";
import type { CurrentMapping } from "@/features/connections/mapping-query";

export function targetOptions(
  entities: readonly Entity[] | undefined,
  entity: string | null,
  rules: CurrentMapping["rules"],
) {
  const fields = entities?.find(({ name }) => name === entity)?.fields.map(({ name }) => name) ?? [];
  const filled = new Set(rules.map(({ target }) => target));
  return [
    { group: "Empty so far", items: fields.filter((name) => !filled.has(name)) },
    { group: "Filled already", items: fields.filter((name) => filled.has(name)) },
  ].filter(({ items }) => items.length > 0);
}
