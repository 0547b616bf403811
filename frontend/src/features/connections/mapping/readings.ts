/** Ways to read a field that are offered where a rule is made by choosing; the approvals' editor knows all of them. */
import type { Schemas } from "@/api/types";

type Transform = Schemas["TransformModel"];

export const READINGS: { value: string; label: string; transform: Transform }[] = [
  { value: "cast", label: "As it is", transform: { kind: "cast", args: {} } },
  { value: "first", label: "Its first word", transform: { kind: "split", args: { separator: " ", index: 0 } } },
  {
    value: "rest",
    label: "All but its first word",
    transform: { kind: "split", args: { separator: " ", index: "rest" } },
  },
  { value: "lower", label: "In lower case", transform: { kind: "lower", args: {} } },
  { value: "upper", label: "In upper case", transform: { kind: "upper", args: {} } },
  { value: "cents", label: "A hundredth of it", transform: { kind: "scale", args: { factor: "0.01" } } },
];
