/** Sentences in the order in which they were told, each with its time and how grave it is. */
import classes from "./log-lines.module.css";

interface LogLine {
  key: string;
  at: string;
  level: "info" | "warning" | "error";
  stream?: string | null;
  message: string;
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function LogLines({ label, lines }: { label: string; lines: readonly LogLine[] }) {
  return (
    // Without anything in it that takes the focus, the keys have to be able to scroll it.
    <div className={classes.scroller} tabIndex={0} role="group" aria-label={label}>
      <ol className={classes.lines}>
        {lines.map(({ key, at, level, stream, message }) => (
          <li key={key} data-level={level}>
            <time dateTime={at}>{clock.format(new Date(at))}</time>
            <span className={classes.level}>{level}</span>
            <span>
              {stream != null && <b>{stream}: </b>}
              {message}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
