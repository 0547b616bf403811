/** What the written rules would do, from the API; the last answer stays while the next one is made. */
import { Alert, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import type { Schemas } from "@/api/types";
import { RuleDiff } from "@/ui/rule-diff";
import { SampleRows } from "@/ui/sample-rows";
import classes from "./editor.module.css";

interface RulePreviewProps {
  preview: Schemas["api__schemas__mappings__PreviewOut"] | undefined;
  /** A refusal that belongs to no line. */
  problem: string | null;
  isWaiting: boolean;
  isReadable: boolean;
}

export function RulePreview({ preview, problem, isWaiting, isReadable }: RulePreviewProps) {
  return (
    <Stack gap="xs" component="section" aria-label="Preview" aria-busy={isWaiting}>
      <Group gap={8} mih={22}>
        <Text size="sm" fw={650}>
          What they would do
        </Text>
        {isWaiting && <Loader size={14} aria-label="The preview is being made" />}
        {!isReadable && (
          <Text size="xs" c="dimmed">
            as soon as every line can be read
          </Text>
        )}
      </Group>
      {problem !== null && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={16} />} p="xs" role="alert">
          {problem}
        </Alert>
      )}
      <div className={classes.preview} data-waiting={isWaiting || !isReadable || undefined}>
        {preview === undefined && !isWaiting && isReadable && (
          <Text size="sm" c="dimmed">
            Nothing can be shown as long as the rules cannot be used.
          </Text>
        )}
        {preview !== undefined && (
          <Stack gap="sm">
            <RuleDiff lines={preview.diff} />
            <SampleRows samples={preview.samples} proposedAs="with your rules" />
          </Stack>
        )}
      </div>
    </Stack>
  );
}
