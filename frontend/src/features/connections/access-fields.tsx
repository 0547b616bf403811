/** Where credentials come from instead of the form, and whether they may do more than read. */
import { Checkbox, TextInput } from "@mantine/core";

type ScopesMode = "read_only" | "accept_write";

interface AccessFieldsProps {
  locator: string;
  onLocator: (locator: string) => void;
  scopes: ScopesMode;
  onScopes: (scopes: ScopesMode) => void;
}

export function AccessFields({ locator, onLocator, scopes, onScopes }: AccessFieldsProps) {
  return (
    <>
      <TextInput
        label="Credentials from a secret"
        description="A secret of the organisation, or one field of it, in place of credentials typed here."
        placeholder="secret://crm-prod"
        value={locator}
        onChange={(event) => onLocator(event.currentTarget.value)}
        autoComplete="off"
      />
      <Checkbox
        label="Take credentials that may write"
        description="Nothing is ever written at the source. Without this, credentials that could are refused."
        checked={scopes === "accept_write"}
        onChange={(event) => onScopes(event.currentTarget.checked ? "accept_write" : "read_only")}
      />
    </>
  );
}
