/** What one may rely on while one types credentials. */
import { Stack, Text, Title } from "@mantine/core";
import { IconEye, IconFolder, IconHandStop, IconLock, type TablerIcon } from "@tabler/icons-react";

import type { SourceKind } from "@/features/connections/kinds-query";

interface Promise {
  icon: TablerIcon;
  title: string;
  says: string;
}

const READ: Promise = {
  icon: IconEye,
  title: "Only ever read",
  says: "The test looks at what the credentials may do. Those that could write are refused, unless you allow it.",
};
const SEALED: Promise = {
  icon: IconLock,
  title: "Sealed credentials",
  says: "They are encrypted when you connect, and nobody is shown them again.",
};
const FILES: Promise = {
  icon: IconFolder,
  title: "Your own folder",
  says: "Files go to your organisation alone. Send a newer file of the same name, and the next sync reads that.",
};
const NOTHING_YET: Promise = {
  icon: IconHandStop,
  title: "Nothing is read yet",
  says: "You choose streams and columns and see how they are matched, before the first sync begins.",
};

export function SourceAside({ kind }: { kind: SourceKind }) {
  const promises = kind.capabilities.has_credentials ? [READ, SEALED, NOTHING_YET] : [FILES, NOTHING_YET];
  return (
    <Stack gap="lg" component="aside" aria-label="Good to know">
      {promises.map(({ icon: Icon, title, says }) => (
        <div key={title}>
          <Title order={3} size="h6" mb={2}>
            <Icon size={16} stroke={1.7} aria-hidden style={{ verticalAlign: -3, marginRight: 8 }} />
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {says}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
