import { expect, test } from "vitest";

import { ProblemError } from "@/api/problem";
import { lineProblems } from "@/features/approvals/editor/line-problems";
import { readLine, writeLine } from "@/features/approvals/editor/rule-line";

test.each([
  "mobile -> phone | trim",
  "'first | name' -> name | split:' ':0 | upper",
  "amount -> amount | number_format:',':'.' | scale:0.01",
  "first -> name | concat:last,' '",
  "state -> status | enum:a=b,'c, d'=e,*=keep",
  "it's -> note",
])("%s is taken apart and put together again", (line) => {
  const { parts, problem } = readLine(line);
  expect(problem).toBeNull();
  expect(parts && readLine(writeLine(parts)).parts).toEqual(parts);
});

test.each([
  ["mobile phone", /source -> target/],
  ["mobile -> ", /source -> target/],
  ["a -> b | tirm", /no step “tirm”/],
  ["a -> b | trim:1", /takes no argument/],
  ["a -> b | scale", /needs an argument, such as scale:0.01/],
  ["a -> b | list:'", /quote is not closed/],
])("%s says what is wrong", (line, problem) => {
  expect(readLine(line).problem).toMatch(problem);
});

test("a refusal goes to the line that it names", () => {
  const refusal = (body: object) =>
    new ProblemError({ type: "/problems/invalid-request", title: "No", status: 422, ...body }, null, null);
  const lines = ["mobile -> phone", "fax -> fax"];
  const named = lineProblems(refusal({ detail: "The stream 'people' has no field 'fax'." }), lines);
  expect([...named.at.keys()]).toEqual([1]);
  const listed = lineProblems(refusal({ errors: [{ at: "body.rules.0.line", message: "too long" }] }), lines);
  expect(listed.at.get(0)).toBe("too long");
  expect(lineProblems(refusal({ detail: "Nothing fills name." }), lines)).toEqual({
    at: new Map(),
    whole: "Nothing fills name.",
  });
});
