/** Which step one is at. Steps that are behind can be gone back to, as far as they can still be changed. */
import { Progress, Stack, Stepper, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";

import { reachable, STEPS, STEP_TITLES, type Place, type Step } from "@/features/connections/wizard/wizard-steps";

interface StepsBarProps {
  step: Step;
  place: Place;
  onGo: (step: Step) => void;
}

export function StepsBar({ step, place, onGo }: StepsBarProps) {
  const isNarrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false }) ?? false;
  const at = STEPS.indexOf(step);
  if (isNarrow) {
    return (
      <Stack gap={6}>
        <Text size="sm" fw={650}>
          Step {at + 1} of {STEPS.length}: {STEP_TITLES[step]}
        </Text>
        <Progress value={((at + 1) / STEPS.length) * 100} size="sm" aria-label={`Step ${at + 1} of ${STEPS.length}`} />
      </Stack>
    );
  }
  const canGo = (index: number) => {
    const wanted = STEPS[index];
    return wanted !== undefined && index < at && reachable({ ...place, step: wanted }) === wanted;
  };
  return (
    <Stepper active={at} size="xs" iconSize={28} onStepClick={(index) => canGo(index) && onGo(STEPS[index] ?? step)}>
      {STEPS.map((each, index) => (
        <Stepper.Step key={each} label={STEP_TITLES[each]} allowStepSelect={canGo(index)} />
      ))}
    </Stepper>
  );
}
