/** How something is doing, told three times over: a colour, a shape and a word. */
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconHandStop,
  IconLoader2,
  IconPlayerPauseFilled,
  IconShieldHalfFilled,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export type Tone = "good" | "busy" | "waiting" | "warning" | "bad" | "off" | "careful" | "unknown";

interface ToneLook {
  colour: string;
  icon: ComponentType<{ size?: number | string; className?: string }>;
}

export const TONES: Record<Tone, ToneLook> = {
  good: { colour: "source", icon: IconCircleCheckFilled },
  busy: { colour: "entity", icon: IconLoader2 },
  waiting: { colour: "insight", icon: IconHandStop },
  warning: { colour: "yellow", icon: IconAlertTriangleFilled },
  bad: { colour: "red", icon: IconCircleXFilled },
  off: { colour: "gray", icon: IconPlayerPauseFilled },
  careful: { colour: "orange", icon: IconShieldHalfFilled },
  unknown: { colour: "gray", icon: IconCircleDashed },
};
