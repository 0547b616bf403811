/** Whether a language model may help, which one, and for how much. */
import { Group, NumberInput, SimpleGrid, Switch, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { FieldsCard } from "@/features/settings/fields-card";
import { llmBudgetQuery } from "@/features/settings/llm-budget-query";
import type { RepairFormValues } from "@/features/settings/repair-form-values";
import { formatMoney } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { Unknown } from "@/ui/unknown";

interface LlmFieldsProps {
  form: UseFormReturnType<RepairFormValues>;
  disabled: boolean;
}

export function LlmFields({ form, disabled }: LlmFieldsProps) {
  const isOn = form.values.llm;
  return (
    <FieldsCard
      title="Language model"
      subtitle="It may re-rank candidates. Everything works without it, and nothing it says is applied that policy would not allow."
    >
      <Switch
        label="Let a language model re-rank candidates"
        disabled={disabled}
        {...form.getInputProps("llm", { type: "checkbox" })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput
          label="Model"
          placeholder="The platform's default"
          disabled={disabled || !isOn}
          {...form.getInputProps("llm_model")}
        />
        <NumberInput
          label="Budget a month"
          placeholder="No limit"
          prefix="$"
          min={0}
          max={1_000_000}
          decimalScale={4}
          thousandSeparator=","
          disabled={disabled || !isOn}
          {...form.getInputProps("llm_monthly_budget_usd")}
        />
      </SimpleGrid>
      <Spent />
    </FieldsCard>
  );
}

function Spent() {
  const mayRead = useMay()("usage.read");
  const { data, isError } = useQuery({ ...llmBudgetQuery(), enabled: mayRead });
  if (!mayRead) return null;
  return (
    <Group justify="space-between" gap="xs" mih={22}>
      <Text size="sm" c="dimmed" component="div">
        Spent this month:{" "}
        {data !== undefined ? (
          <Text span fw={600} c="var(--mantine-color-text)">
            {formatMoney(data.spent_usd, "USD")}
          </Text>
        ) : (
          <Unknown why={isError ? "It could not be loaded" : "Being loaded"} />
        )}
        {data?.left_usd != null && `, ${formatMoney(data.left_usd, "USD")} left`}
      </Text>
      <PageLink to="/aam" search={{ tab: "llm" }} size="sm">
        Every call
      </PageLink>
    </Group>
  );
}
