/** Light, dark, or as the system has it. */
import { ActionIcon, Tooltip, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";

interface Scheme {
  value: MantineColorScheme;
  word: string;
  icon: typeof IconSun;
}

const AUTO: Scheme = { value: "auto", word: "as the system", icon: IconDeviceDesktop };
const LIGHT: Scheme = { value: "light", word: "light", icon: IconSun };
const DARK: Scheme = { value: "dark", word: "dark", icon: IconMoon };
export const SCHEMES: readonly Scheme[] = [AUTO, LIGHT, DARK];

export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const now = { auto: AUTO, light: LIGHT, dark: DARK }[colorScheme];
  const next = { auto: LIGHT, light: DARK, dark: AUTO }[colorScheme];
  return (
    <Tooltip label={`Colours: ${now.word}`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        onClick={() => setColorScheme(next.value)}
        aria-label={`Colours: ${now.word}. Change to ${next.word}`}
      >
        <now.icon size={18} stroke={1.8} />
      </ActionIcon>
    </Tooltip>
  );
}
