/** A text of any length: of a very long one its beginning, and the rest when it is wanted. */
import { UnstyledButton } from "@mantine/core";
import { useState } from "react";

const SHOWN = 280;
/** Cutting off less than this is not worth a press. */
const SPARE = 60;

export function LongText({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text.length <= SHOWN + SPARE) return <>{text}</>;
  return (
    <>
      {isWhole ? text : `${text.slice(0, SHOWN)}… `}{" "}
      <UnstyledButton fz="xs" fw={650} td="underline" onClick={() => setWhole(!isWhole)}>
        {isWhole ? "Show less" : `Show all ${text.length.toLocaleString("en")} letters`}
      </UnstyledButton>
    </>
  );
}
