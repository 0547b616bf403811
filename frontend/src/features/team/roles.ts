/** Roles as people read them, the one that may most first. */
import type { Role } from "@/api/types";

export const ROLES: { value: Role; label: string; may: string }[] = [
  { value: "owner", label: "Owner", may: "Everything, also making other owners" },
  { value: "admin", label: "Admin", may: "Everything but deciding about owners" },
  { value: "approver", label: "Approver", may: "Decides on repairs, edits mappings, starts tasks" },
  { value: "analyst", label: "Analyst", may: "Reads everything and exports views" },
  { value: "viewer", label: "Viewer", may: "Reads everything" },
];

/** The roles somebody may give: only owners decide about owners. */
export function givable(mine: Role): { value: Role; label: string; may: string }[] {
  return mine === "owner" ? ROLES : ROLES.filter((role) => role.value !== "owner");
}
