/** A tool above the rows; on a phone its icon alone, unless what it says matters. */
import { Button, type ButtonProps } from "@mantine/core";
import { forwardRef, type ComponentPropsWithoutRef, type ReactNode } from "react";

import classes from "./tool-button.module.css";

interface ToolButtonProps extends ButtonProps, Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps | "name"> {
  icon: ReactNode;
  /** What it is called where its words are not shown. */
  name: string;
  isWide?: boolean;
}

export const ToolButton = forwardRef<HTMLButtonElement, ToolButtonProps>(function ToolButton(props, ref) {
  const { icon, name, isWide = false, children, ...rest } = props;
  return (
    <Button
      ref={ref}
      variant="default"
      aria-label={name}
      classNames={
        isWide ? undefined : { root: classes.root ?? "", section: classes.section ?? "", label: classes.label ?? "" }
      }
      leftSection={icon}
      {...rest}
    >
      {children}
    </Button>
  );
});
