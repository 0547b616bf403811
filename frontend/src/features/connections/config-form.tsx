/** The configuration of a source as a form: what is asked first, and the rest folded away. */
import { Accordion, Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { ConfigFieldInput } from "@/features/connections/config-field-input";
import type { ConfigField } from "@/features/connections/config-schema";
import type { ConfigValues } from "@/features/connections/config-values";

interface ConfigFormProps {
  fields: readonly ConfigField[];
  values: ConfigValues;
  onChange: (values: ConfigValues) => void;
  errors: Record<string, string>;
  /** Credentials are stored already, and stay where nothing is typed. */
  hasCredentials?: boolean;
  /** Stands below the folded fields. */
  more?: ReactNode;
}

export function ConfigForm({ fields, values, onChange, errors, hasCredentials = false, more }: ConfigFormProps) {
  const inputs = (some: readonly ConfigField[]) =>
    some.map((field) => (
      <ConfigFieldInput
        key={field.name}
        field={field}
        value={values[field.name]}
        onChange={(value) => onChange({ ...values, [field.name]: value })}
        error={errors[field.name]}
        kept={hasCredentials && field.isSecret}
      />
    ));
  const rest = fields.filter(({ isMain }) => !isMain);
  const [isOpen, setOpen] = useState(false);
  // What is wrong in there has to be seen.
  const hasWrong = rest.some(({ name }) => errors[name] !== undefined);
  return (
    <Stack gap="md">
      {inputs(fields.filter(({ isMain }) => isMain))}
      {(rest.length > 0 || more !== undefined) && (
        <Accordion
          variant="contained"
          value={isOpen || hasWrong ? "rest" : null}
          onChange={(value) => setOpen(value !== null)}
        >
          <Accordion.Item value="rest">
            <Accordion.Control>Advanced</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="md">
                {inputs(rest)}
                {more}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </Stack>
  );
}
