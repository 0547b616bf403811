/**
 * Every page there is: one line each. A line with a section stands in the sidebar in this order; one without is reached
 * from other pages. What is not here has no link, no shortcut and no route.
 */
import {
  IconAccessPoint,
  IconActivity,
  IconChecklist,
  IconGitBranch,
  IconHeartbeat,
  IconHierarchy2,
  IconLayoutDashboard,
  IconPlugConnected,
  IconSettings,
  IconTable,
  IconTopologyStar3,
  IconUsers,
} from "@tabler/icons-react";

import type { NavEntry, PageEntry } from "@/app/page-entry";
import { OpenApprovalsBadge } from "@/app/shell/open-approvals-badge";

/** Shown to everybody, without the shell. */
export const PUBLIC_PAGES: readonly PageEntry[] = [
  { path: "/login", title: "Log in", load: () => import("@/features/auth/log-in-page") },
  { path: "/register", title: "Create an organisation", load: () => import("@/features/auth/register-page") },
  { path: "/invitations", title: "Invitation", load: () => import("@/features/auth/invitation-page") },
];

export const NAV_PAGES: readonly NavEntry[] = [
  // prettier-ignore
  { path: "/", title: "Dashboard", section: "Overview", icon: IconLayoutDashboard, letter: "d", load: () => import("@/features/dashboard/dashboard-page") },
  // prettier-ignore
  { path: "/flow", title: "Live Flow", section: "Overview", icon: IconAccessPoint, letter: "l", permission: "events.read", load: () => import("@/features/flow/flow-page") },
  // prettier-ignore
  { path: "/connections", title: "Connections", section: "Data", icon: IconPlugConnected, letter: "c", permission: "connections.read", load: () => import("@/features/connections/connections-page") },
  // prettier-ignore
  { path: "/views", title: "Views", section: "Data", icon: IconTable, letter: "v", permission: "views.read", load: () => import("@/features/views/views-page") },
  // prettier-ignore
  { path: "/ontology", title: "Ontology", section: "Data", icon: IconHierarchy2, letter: "o", permission: "views.read", load: () => import("@/features/ontology/ontology-page") },
  // prettier-ignore
  { path: "/lineage", title: "Data Lineage", section: "Data", icon: IconGitBranch, letter: "n", permission: "views.read", load: () => import("@/features/lineage/lineage-page") },
  // prettier-ignore
  { path: "/aam", title: "Monitor", section: "AAM", icon: IconHeartbeat, letter: "m", permission: "drift.read", load: () => import("@/features/aam/aam-page") },
  // prettier-ignore
  { path: "/approvals", title: "Approvals", section: "AAM", icon: IconChecklist, letter: "a", permission: "drift.read", badge: OpenApprovalsBadge, load: () => import("@/features/approvals/approvals-page") },
  // prettier-ignore
  { path: "/activity", title: "Activity", section: "Operate", icon: IconActivity, letter: "y", load: () => import("@/features/activity/activity-page") },
  // prettier-ignore
  { path: "/team", title: "Team", section: "Operate", icon: IconUsers, letter: "t", permission: "members.read", load: () => import("@/features/team/team-page") },
  // prettier-ignore
  { path: "/settings", title: "Settings", section: "Operate", icon: IconSettings, letter: "s", load: () => import("@/features/settings/settings-page") },
  // prettier-ignore
  { path: "/architecture", title: "Architecture", section: "Operate", icon: IconTopologyStar3, letter: "r", load: () => import("@/features/architecture/architecture-page") },
];

/** Pages of one thing: `/connections/$connectionId`. */
export const INNER_PAGES: readonly PageEntry[] = [
  // prettier-ignore
  { path: "/connections/new", title: "Connect a source", permission: "connections.read", load: () => import("@/features/connections/new-connection-page") },
  // prettier-ignore
  { path: "/connections/$connectionId", title: "Connection", permission: "connections.read", load: () => import("@/features/connections/connection-page") },
  // prettier-ignore
  { path: "/views/$view", title: "View", permission: "views.read", load: () => import("@/features/views/view-page") },
  // prettier-ignore
  { path: "/approvals/$approvalId", title: "Repair", permission: "drift.read", load: () => import("@/features/approvals/approval-page") },
];
