/** Predicted against decided: on the diagonal they are the same; the larger a dot, the more decisions it rests on. */
import { bucketName, toldOf, type Bucket } from "@/features/aam/calibration";
import { formatShare } from "@/ui/numbers";
import classes from "./calibration-plot.module.css";

const SIZE = 200;
const PAD = 30;
const MARKS = [0, 0.5, 1];

export function CalibrationPlot({ buckets }: { buckets: Bucket[] }) {
  const most = Math.max(1, ...buckets.map(toldOf));
  const x = (share: number) => PAD + share * SIZE;
  const y = (share: number) => 8 + (1 - share) * SIZE;
  return (
    <svg
      className={classes.plot}
      viewBox={`0 0 ${SIZE + PAD + 12} ${SIZE + PAD + 12}`}
      role="img"
      aria-label="Predicted probability against the share that people approved; the table has the same figures"
    >
      {MARKS.map((mark) => (
        <g key={mark}>
          <line className={classes.grid} x1={x(0)} x2={x(1)} y1={y(mark)} y2={y(mark)} />
          <line className={classes.grid} x1={x(mark)} x2={x(mark)} y1={y(0)} y2={y(1)} />
          <text className={classes.word} x={x(0) - 6} y={y(mark) + 3} textAnchor="end">
            {mark}
          </text>
          <text className={classes.word} x={x(mark)} y={y(0) + 14} textAnchor="middle">
            {mark}
          </text>
        </g>
      ))}
      <line className={classes.diagonal} x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      <text className={classes.word} x={x(0.5)} y={y(0) + 27} textAnchor="middle">
        predicted
      </text>
      <text className={classes.word} x={9} y={y(0.5)} textAnchor="middle" transform={`rotate(-90 9 ${y(0.5)})`}>
        approved
      </text>
      {buckets.map((bucket) =>
        bucket.approved_share === null ? null : (
          <circle
            key={bucket.low}
            className={classes.dot}
            cx={x(bucket.mean_predicted)}
            cy={y(bucket.approved_share)}
            r={3 + 7 * Math.sqrt(toldOf(bucket) / most)}
          >
            <title>
              {`${bucketName(bucket)}: predicted ${bucket.mean_predicted.toFixed(2)}, approved ${formatShare(bucket.approved_share)} of ${toldOf(bucket)}`}
            </title>
          </circle>
        ),
      )}
    </svg>
  );
}
