/** From the open row to the one before or after it in the list, also by the letters that lists use. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useEffect, type ReactNode } from "react";

interface RowStepsProps {
  ids: readonly string[];
  row: string;
  onStep: (id: string) => void;
}

export function RowSteps({ ids, row, onStep }: RowStepsProps) {
  const at = ids.indexOf(row);
  const before = at > 0 ? ids[at - 1] : undefined;
  const after = at >= 0 ? ids[at + 1] : undefined;
  useEffect(() => {
    // The shortcuts of pages rest while a drawer is open.
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
      const to = event.key === "j" ? after : event.key === "k" ? before : undefined;
      if (to !== undefined) onStep(to);
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [before, after, onStep]);

  // A row that a link opened may be none of those listed.
  if (at < 0) return null;
  return (
    <>
      <Step label="Row before (K)" to={before} onStep={onStep} icon={<IconChevronUp size={16} />} />
      <Step label="Row after (J)" to={after} onStep={onStep} icon={<IconChevronDown size={16} />} />
    </>
  );
}

interface StepProps {
  label: string;
  to: string | undefined;
  onStep: (id: string) => void;
  icon: ReactNode;
}

function Step({ label, to, onStep, icon }: StepProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        disabled={to === undefined}
        onClick={() => to !== undefined && onStep(to)}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
