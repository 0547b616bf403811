/** An invitation: what it offers and to whom. Its token stands behind the #, which browsers send to nobody. */
import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";

import { ProblemError } from "@/api/problem";
import { AcceptForm } from "@/features/auth/accept-form";
import { AuthFrame, AuthLink } from "@/features/auth/auth-frame";
import { invitationQuery } from "@/features/auth/invitation-query";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { When } from "@/ui/when";

export default function InvitationPage() {
  const hash = useRouterState({ select: (state) => state.location.hash });
  const token = new URLSearchParams(hash).get("token") ?? "";
  const { data, error, refetch } = useQuery({ ...invitationQuery(token), enabled: token !== "" });

  if (token === "" || (error instanceof ProblemError && [404, 422].includes(error.status))) {
    return (
      <AuthFrame title="Invitation" footer={<AuthLink to="/login">Log in</AuthLink>}>
        <Empty title="This invitation does not hold any more">
          It was used, taken back or has run out, or the link is not whole. Ask whoever invited you for a new one.
        </Empty>
      </AuthFrame>
    );
  }
  if (error !== null) {
    return (
      <AuthFrame title="Invitation">
        <Failure error={error} onRetry={() => void refetch()} />
      </AuthFrame>
    );
  }
  if (data === undefined) {
    return (
      // How long the words above the form will be is not known: a frame would move.
      <Center component="main" mih="100dvh" aria-busy>
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  const subtitle = (
    <>
      {data.email} is invited as {data.role}. Ends <When at={data.expires_at} size="sm" />.
    </>
  );
  return (
    <AuthFrame title={`Join ${data.tenant_name}`} subtitle={subtitle}>
      <AcceptForm token={token} invitation={data} />
    </AuthFrame>
  );
}
