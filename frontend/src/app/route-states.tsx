/** What a route shows when it has no page to show. */
import { Box, Button, Center, Loader } from "@mantine/core";
import { IconMap2 } from "@tabler/icons-react";
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { useQueryErrorResetBoundary } from "@tanstack/react-query";

import { describeProblem, ProblemError } from "@/api/problem";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";

export function Splash() {
  return (
    <Center mih="100vh" aria-busy>
      <Loader aria-label="Loading" />
    </Center>
  );
}

export function NotFound() {
  return (
    <Empty
      isPage
      title="There is no such page"
      icon={<IconMap2 size={24} stroke={1.6} />}
      action={
        <Button component={Link} to="/" variant="default">
          Go to the first page
        </Button>
      }
    >
      The address may be mistyped, or what it led to is gone.
    </Empty>
  );
}

export function RouteFailure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryErrorResetBoundary();
  if (error instanceof ProblemError && error.status === 404) {
    return (
      <Empty isPage title={describeProblem(error).title} icon={<IconMap2 size={24} stroke={1.6} />}>
        It may have been deleted, or it belongs to another organisation of yours.
      </Empty>
    );
  }
  return (
    <Box p="var(--page-gutter)" maw={760}>
      <Failure
        error={error}
        onRetry={() => {
          queries.reset();
          reset();
          void router.invalidate();
        }}
      />
    </Box>
  );
}
