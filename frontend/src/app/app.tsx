/** The dashboard: what every page stands in. */
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Providers } from "@/app/providers";
import { createQueryClient } from "@/app/query-client";
import { createAppRouter } from "@/app/router";
import { followSession } from "@/app/session-changes";

export function App() {
  const [client] = useState(createQueryClient);
  const [router] = useState(() => createAppRouter(client));
  useEffect(() => followSession(router, client), [router, client]);
  return (
    <Providers client={client}>
      <RouterProvider router={router} />
    </Providers>
  );
}
