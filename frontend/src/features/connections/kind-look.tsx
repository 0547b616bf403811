/** Kinds of source by name and sign; one that is new to this page shows what the API says of it. */
import { ThemeIcon } from "@mantine/core";
import {
  IconBrandMongodb,
  IconBrandSupabase,
  IconCloud,
  IconDatabase,
  IconFileSpreadsheet,
  type TablerIcon,
} from "@tabler/icons-react";

interface KindLook {
  title: string;
  icon: TablerIcon;
  says: string | null;
}

const LOOKS: Record<string, KindLook> = {
  files: {
    title: "Files",
    icon: IconFileSpreadsheet,
    says: "CSV, JSON, Parquet and Excel files that you send here.",
  },
  salesforce: { title: "Salesforce", icon: IconCloud, says: "Objects of an org, by what one login may read." },
  supabase: {
    title: "Supabase",
    icon: IconBrandSupabase,
    says: "Tables and views of a project, over its Data API or straight from Postgres.",
  },
  mongodb: { title: "MongoDB", icon: IconBrandMongodb, says: "Collections of a deployment, nested fields included." },
};

export function kindLook(kind: string): KindLook {
  const title = kind.charAt(0).toUpperCase() + kind.slice(1);
  return LOOKS[kind] ?? { title, icon: IconDatabase, says: null };
}

export function KindIcon({ kind, size = 34 }: { kind: string; size?: number }) {
  const { icon: Icon } = kindLook(kind);
  return (
    <ThemeIcon variant="light" color="source" size={size} radius="md" aria-hidden>
      <Icon size={size * 0.58} stroke={1.6} />
    </ThemeIcon>
  );
}
