/** What no page caught: says so, and begins anew. */
import { Center } from "@mantine/core";
import { Component, type ReactNode } from "react";

import { Failure } from "@/ui/failure";

interface Caught {
  error: unknown;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, Caught> {
  override state: Caught = { error: null };

  static getDerivedStateFromError(error: unknown): Caught {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <Center mih="100vh" p="md">
        <Failure error={this.state.error} onRetry={() => window.location.reload()} />
      </Center>
    );
  }
}
