/** Figures as people read them. Every function takes what the API gave and gives null back for what is unknown. */
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function formatCount(value: number): string {
  return whole.format(value);
}

export function formatShort(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value);
}

/** `100+` where it is known that there are more. */
export function formatAtLeast(value: number, hasMore: boolean): string {
  return `${formatShort(value)}${hasMore ? "+" : ""}`;
}

/** A share of 1 as a percentage with the digits that say something. */
export function formatShare(value: number): string {
  const percent = value * 100;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  return `${percent >= 99.95 || percent % 1 === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** How sure something is, from 0 to 1; never rounded to what is certain or impossible. */
export function formatProbability(value: number): string {
  const rounded = value.toFixed(2);
  if (value < 1 && rounded === "1.00") return ">0.99";
  return value > 0 && rounded === "0.00" ? "<0.01" : rounded;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An amount as the API writes it, a decimal in a text, with its currency. */
export function formatMoney(amount: string | number, currency: string): string {
  const value = Number(amount);
  // Small amounts keep the digits that tell them from nothing.
  const digits = value !== 0 && Math.abs(value) < 0.1 ? 4 : 2;
  return new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: digits }).format(value);
}
