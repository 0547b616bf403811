/** Which of the streams that are taken is looked at. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { discoverQuery } from "@/features/connections/discover-query";

/** Names of the streams that are taken, and the one that is shown: the first where the wanted one is none of them. */
export function useTakenStreams(connectionId: string, wanted: string) {
  const { data, error, refetch } = useQuery(discoverQuery(connectionId));
  const taken = data?.streams.filter(({ choice }) => choice.enabled) ?? [];
  const found = taken.find(({ name }) => name === wanted) ?? taken[0];
  return {
    names: taken.map(({ name }) => name),
    shown: found?.name,
    fields: found?.fields.length,
    error: data === undefined ? error : null,
    refetch,
  };
}

interface StreamSelectProps {
  names: string[];
  shown: string | undefined;
  onStream: (stream: string) => void;
}

export function StreamSelect({ names, shown, onStream }: StreamSelectProps) {
  if (names.length < 2) return null;
  return (
    <Select
      label={`Stream, of ${names.length}`}
      data={names}
      value={shown ?? null}
      onChange={(next) => next !== null && onStream(next)}
      searchable={names.length > 8}
      allowDeselect={false}
      w={{ base: "100%", xs: 260 }}
    />
  );
}
