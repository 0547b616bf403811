/** The settings as the form holds them, and what of it is to be sent. */
import type { Schemas } from "@/api/types";
import type { RepairSettings } from "@/api/queries/repair-settings-query";

export interface RepairFormValues {
  apply_at: number;
  ask_at: number;
  two_person: boolean;
  share_priors: boolean;
  watch_syncs: number;
  approval_days: number;
  slack_secret: string | null;
  llm: boolean;
  /** Empty for the platform's default. */
  llm_model: string;
  /** Empty for no limit. */
  llm_monthly_budget_usd: number | string;
}

export function toForm(settings: RepairSettings): RepairFormValues {
  const { llm_model, llm_monthly_budget_usd, ...rest } = settings;
  return {
    ...rest,
    llm_model: llm_model ?? "",
    llm_monthly_budget_usd: llm_monthly_budget_usd === null ? "" : Number(llm_monthly_budget_usd),
  };
}

/** Only what differs: what is left out stays as it is. */
export function changesOf(before: RepairFormValues, now: RepairFormValues): Partial<Schemas["RepairSettingsIn"]> {
  const differ = Object.entries(now).filter(([name, value]) => value !== before[name as keyof RepairFormValues]);
  return Object.fromEntries(differ.map(([name, value]) => [name, value === "" ? null : value]));
}

export function problemsOf(values: RepairFormValues): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["apply_at", "ask_at"] as const) {
    if (!(values[name] > 0 && values[name] <= 1)) found[name] = "Above 0 and at most 1";
  }
  if (values.ask_at > values.apply_at) found["ask_at"] = "At most as much as applying alone needs";
  if (!(values.watch_syncs >= 1 && values.watch_syncs <= 20)) found["watch_syncs"] = "1 to 20";
  if (!(values.approval_days >= 1 && values.approval_days <= 90)) found["approval_days"] = "1 to 90";
  return found;
}
