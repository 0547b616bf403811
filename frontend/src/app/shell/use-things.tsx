/** What the palette finds in this organisation: its connections and views, asked for when it is first opened. */
import type { SpotlightActionGroupData } from "@mantine/spotlight";
import { IconPlugConnected, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { viewsQuery } from "@/api/queries/views-query";

export function useThings(isOpen: boolean): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const may = useMay();
  const connections = useQuery({ ...connectionsQuery(), enabled: isOpen && may("connections.read") }).data ?? [];
  const views = useQuery({ ...viewsQuery(), enabled: isOpen && may("views.read") }).data ?? [];
  return [
    {
      group: "Connections",
      actions: connections.map(({ id, name, kind }) => ({
        id: `connection:${id}`,
        label: name,
        keywords: [kind, "connection", "source"],
        leftSection: <IconPlugConnected size={18} stroke={1.7} />,
        onClick: () => void navigate({ to: `/connections/${id}` }),
      })),
    },
    {
      group: "Views",
      actions: views.map(({ name }) => ({
        id: `view:${name}`,
        label: name,
        keywords: ["view", "rows"],
        leftSection: <IconTable size={18} stroke={1.7} />,
        onClick: () => void navigate({ to: `/views/${name}` }),
      })),
    },
  ];
}
