/** Theme, queries, notes, and the last net for errors. */
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ErrorBoundary } from "@/app/error-boundary";
import { theme } from "@/app/theme";

interface ProvidersProps {
  client: QueryClient;
  children: ReactNode;
  /** `test`: without transitions. */
  env?: "default" | "test";
}

export function Providers({ client, children, env = "default" }: ProvidersProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" env={env}>
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" limit={4} />
        <ErrorBoundary>{children}</ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
