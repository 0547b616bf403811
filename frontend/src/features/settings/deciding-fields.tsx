/** When a repair is applied alone, when people are asked, and how long it is watched. */
import { NumberInput, SimpleGrid, Switch } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";

import { FieldsCard } from "@/features/settings/fields-card";
import type { RepairFormValues } from "@/features/settings/repair-form-values";
import { ThresholdBar } from "@/features/settings/threshold-bar";

interface DecidingFieldsProps {
  form: UseFormReturnType<RepairFormValues>;
  disabled: boolean;
}

export function DecidingFields({ form, disabled }: DecidingFieldsProps) {
  const probability = { min: 0.01, max: 1, step: 0.01, decimalScale: 2, clampBehavior: "blur" as const, disabled };
  const { apply_at, ask_at } = form.values;
  return (
    <FieldsCard title="Deciding" subtitle="A repair comes with the probability that it is right. From there on:">
      <ThresholdBar askAt={ask_at} applyAt={apply_at} />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label="Apply alone from"
          description="Key fields and what destroys data always ask."
          {...probability}
          {...form.getInputProps("apply_at")}
        />
        <NumberInput
          label="Ask a person from"
          description="Below it the repair is refused and records wait."
          {...probability}
          {...form.getInputProps("ask_at")}
        />
        <NumberInput
          label="Watch a repair for"
          description="Its syncs are watched; on regression it is taken back."
          suffix=" syncs"
          min={1}
          max={20}
          allowDecimal={false}
          disabled={disabled}
          {...form.getInputProps("watch_syncs")}
        />
        <NumberInput
          label="Escalate after"
          description="A repair that nobody decided on is told of again."
          suffix=" days"
          min={1}
          max={90}
          allowDecimal={false}
          disabled={disabled}
          {...form.getInputProps("approval_days")}
        />
      </SimpleGrid>
      <Switch
        label="Two persons have to approve"
        description="The second one must want the same as the first."
        disabled={disabled}
        {...form.getInputProps("two_person", { type: "checkbox" })}
      />
      <Switch
        label="Learn from other organisations"
        description="Give and get hashed field names with the others that do. Never values."
        disabled={disabled}
        {...form.getInputProps("share_priors", { type: "checkbox" })}
      />
    </FieldsCard>
  );
}
