/** Which part of the history is shown. Typing waits for a moment's rest before it asks. */
import { SimpleGrid, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";

import type { AuditFilter } from "@/features/activity/audit-query";

interface AuditFiltersProps {
  filter: AuditFilter;
  onChange: (change: Partial<AuditFilter>) => void;
}

const REST_MS = 350;

export function AuditFilters({ filter, onChange }: AuditFiltersProps) {
  return (
    <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm" maw={960} flex="1 1 20rem">
      <Typed label="Who" placeholder="ann@acme.example" value={filter.actor} onRest={(actor) => onChange({ actor })} />
      <Typed
        label="Did"
        placeholder="connection.paused"
        value={filter.action}
        // Nothing else is ever an action; the API refuses it.
        onRest={(action) => onChange({ action: action.toLowerCase().replace(/[^a-z0-9_.-]/g, "") })}
      />
      <Typed
        label="To what"
        placeholder="begins with…"
        value={filter.subject}
        onRest={(subject) => onChange({ subject })}
      />
      <TextInput
        label="From"
        type="date"
        value={filter.since}
        max={filter.until || undefined}
        onChange={(event) => onChange({ since: event.currentTarget.value })}
      />
      <TextInput
        label="To"
        type="date"
        value={filter.until}
        min={filter.since || undefined}
        onChange={(event) => onChange({ until: event.currentTarget.value })}
      />
    </SimpleGrid>
  );
}

interface TypedProps {
  label: string;
  placeholder: string;
  value: string;
  onRest: (value: string) => void;
}

function Typed({ label, placeholder, value, onRest }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const tell = useDebouncedCallback(onRest, REST_MS);
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
