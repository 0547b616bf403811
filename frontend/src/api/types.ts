/** Short names for the shapes of the API document; pages that need others take them from `Schemas`. */
import type { components } from "@/api/schema";

export type Schemas = components["schemas"];
export type Me = Schemas["MeOut"];
export type Role = Schemas["TenantOut"]["role"];
export type Permission = Me["permissions"][number];
export type Connection = Schemas["ConnectionOut"];
export type Approval = Schemas["ApprovalOut"];
