/** A stream's name as that of one record: `Invoice Lines.csv` -> `invoice_line`. A guess for somebody to mend. */
export function plainName(stream: string): string {
  const words = stream
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  const one = words.replace(/ies$/, "y").replace(/(ss|x|ch|sh)es$/, "$1");
  return (one === words ? words.replace(/([^su])s$/, "$1") : one).slice(0, 60);
}
