/** A role to choose, each with what it may do. */
import { Select, Stack, Text, type SelectProps } from "@mantine/core";

import type { Role } from "@/api/types";
import { givable, ROLES } from "@/features/team/roles";

interface RoleSelectProps extends Omit<SelectProps, "data" | "value" | "onChange"> {
  mine: Role;
  value: Role;
  onChange: (role: Role) => void;
}

export function RoleSelect({ mine, value, onChange, ...rest }: RoleSelectProps) {
  const options = givable(mine).some((role) => role.value === value) ? givable(mine) : ROLES;
  return (
    <Select
      data={options.map(({ value: role, label }) => ({ value: role, label }))}
      value={value}
      onChange={(role) => role !== null && role !== value && onChange(role as Role)}
      allowDeselect={false}
      comboboxProps={{ width: 300, position: "bottom-start" }}
      renderOption={({ option }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {option.label}
          </Text>
          <Text size="xs" c="dimmed">
            {ROLES.find((role) => role.value === option.value)?.may}
          </Text>
        </Stack>
      )}
      {...rest}
    />
  );
}
