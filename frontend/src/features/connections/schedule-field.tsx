/** When a connection is synced: by hand, every so often, or by cron fields. */
import { Group, NativeSelect, NumberInput, Radio, Stack, TextInput } from "@mantine/core";

import { UNITS, type Plan } from "@/features/connections/schedule-plan";

interface ScheduleFieldProps {
  plan: Plan;
  onChange: (plan: Plan) => void;
  error: string | undefined;
  disabled?: boolean;
}

export function ScheduleField({ plan, onChange, error, disabled = false }: ScheduleFieldProps) {
  return (
    <Stack gap="sm">
      <Radio.Group
        label="When it is synced"
        value={plan.by}
        onChange={(by) => onChange({ ...plan, by: by as Plan["by"] })}
      >
        <Stack gap="xs" mt={6}>
          <Radio value="interval" label="Every so often" disabled={disabled} />
          <Radio
            value="cron"
            label="By cron fields"
            description="Such as 0 6 * * 1-5: at six, Monday to Friday."
            disabled={disabled}
          />
          <Radio value="hand" label="By hand alone" disabled={disabled} />
        </Stack>
      </Radio.Group>
      {plan.by === "interval" && (
        <Group gap="xs" align="flex-end">
          <NumberInput
            label="Every"
            min={1}
            max={9999}
            allowDecimal={false}
            value={plan.every}
            onChange={(every) => onChange({ ...plan, every: Number(every) })}
            disabled={disabled}
            w={100}
            error={error !== undefined}
          />
          <NativeSelect
            label="Unit"
            data={UNITS.map(({ unit, one, many }) => ({ value: unit, label: plan.every === 1 ? one : many }))}
            value={plan.unit}
            onChange={(event) => onChange({ ...plan, unit: event.currentTarget.value as Plan["unit"] })}
            disabled={disabled}
            w={130}
          />
        </Group>
      )}
      {plan.by === "cron" && (
        <Group gap="xs" align="flex-start">
          <TextInput
            label="Minute, hour, day, month, weekday"
            value={plan.cron}
            onChange={(event) => onChange({ ...plan, cron: event.currentTarget.value })}
            disabled={disabled}
            error={error}
            autoComplete="off"
            flex={1}
            miw={200}
          />
          <TextInput
            label="Time zone"
            value={plan.zone}
            onChange={(event) => onChange({ ...plan, zone: event.currentTarget.value })}
            disabled={disabled}
            autoComplete="off"
            w={180}
          />
        </Group>
      )}
    </Stack>
  );
}
