/** The rows that the filters leave, as a file. */
import { Button, Menu, Text } from "@mantine/core";
import { IconDownload, IconX } from "@tabler/icons-react";

import { useMay } from "@/api/queries/me-query";
import type { Asked } from "@/features/views/asked";
import { ToolButton } from "@/features/views/tool-button";
import { useExport, type ExportFormat } from "@/features/views/use-export";
import { formatBytes } from "@/ui/bytes";

const FORMATS: { format: ExportFormat; label: string; hint: string }[] = [
  { format: "csv", label: "CSV", hint: "For spreadsheets; formulas are made harmless" },
  { format: "parquet", label: "Parquet", hint: "For warehouses and notebooks, with types" },
  { format: "arrow", label: "Arrow", hint: "For data frames, with types" },
  { format: "json", label: "JSON", hint: "For programs" },
];

interface ExportMenuProps {
  asked: Asked;
  columns: readonly string[];
}

export function ExportMenu({ asked, columns }: ExportMenuProps) {
  const may = useMay();
  const { start, isRunning, bytes, cancel } = useExport();
  if (!may("views.export")) return null;
  if (isRunning) {
    return (
      <Button variant="light" leftSection={<IconX size={16} />} onClick={cancel} aria-live="polite">
        Stop export · {formatBytes(bytes)}
      </Button>
    );
  }
  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <ToolButton icon={<IconDownload size={16} />} name="Export">
          Export
        </ToolButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All rows that the filters leave, with the columns shown</Menu.Label>
        {FORMATS.map(({ format, label, hint }) => (
          <Menu.Item key={format} onClick={() => start({ asked, columns, format })}>
            {label}
            <Text size="xs" c="dimmed">
              {hint}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
