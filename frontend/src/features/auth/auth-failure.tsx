/** Why somebody was not let in; a refused password is told in words of its own. */
import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { ProblemError } from "@/api/problem";
import { Failure } from "@/ui/failure";

interface AuthFailureProps {
  error: unknown;
  /** For 401. */
  refused: string;
  advice: string;
}

export function AuthFailure({ error, refused, advice }: AuthFailureProps) {
  if (error instanceof ProblemError && error.status === 401) {
    return (
      <Alert
        color="red"
        variant="light"
        role="alert"
        title={refused}
        icon={<IconAlertTriangle size={18} />}
        data-state="error"
      >
        {advice}
      </Alert>
    );
  }
  return <Failure error={error} />;
}
