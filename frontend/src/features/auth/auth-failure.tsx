/** Why somebody was not let in; what they can mend at once is told in its own words. */
import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { ProblemError } from "@/api/problem";
import { Failure } from "@/ui/failure";

interface AuthFailureProps {
  error: unknown;
  /** For 401, where a password is asked for. */
  refused?: string;
  advice?: string;
}

// Taken already, or not good enough: the API says which.
const MENDABLE = [409, 422];

export function AuthFailure({ error, refused, advice }: AuthFailureProps) {
  if (error instanceof ProblemError && error.status === 401 && refused !== undefined) {
    return <Told title={refused}>{advice}</Told>;
  }
  if (error instanceof ProblemError && MENDABLE.includes(error.status) && error.body.detail)
    return <Told title={error.body.detail} />;
  return <Failure error={error} />;
}

function Told({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      title={title}
      icon={<IconAlertTriangle size={18} />}
      data-state="error"
    >
      {children}
    </Alert>
  );
}
