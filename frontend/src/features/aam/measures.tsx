/** What was measured of a change, as it was measured, for those who want to see it. */
import { Anchor, Collapse } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import { JsonView } from "@/ui/json-view";

export function Measures({ value }: { value: Record<string, unknown> }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  if (Object.keys(value).length === 0) return null;
  return (
    <>
      <Anchor
        component="button"
        type="button"
        size="sm"
        mt="xs"
        display="block"
        ta="left"
        onClick={toggle}
        aria-expanded={isOpen}
      >
        {isOpen ? "Hide the measures" : "Show the measures"}
      </Anchor>
      <Collapse in={isOpen}>
        <JsonView value={value} open={1} />
      </Collapse>
    </>
  );
}
