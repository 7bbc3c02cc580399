import { reviewsUrl, urls } from "../../../components/verification/answers.js";
import type { Expectation } from "../../../components/verification/expectations.js";
import type { VerifyInput } from "../../../components/verification/input.js";
import { quoted } from "../../../emulator/host/programs.js";

/** How many pages the command of the traffic split fetches. */
const pages = 50;

/** The shell command that repeats a row's request from the client's Pod; undefined for a row without one. */
export function repeatCommand(
  row: Expectation,
  { namespace, context }: VerifyInput,
): string | undefined {
  if (row.check !== "request" && row.check !== "split") return undefined;
  const cluster = [
    ...(context ? ["--context", quoted(context)] : []),
    ...(namespace === "default" ? [] : ["-n", namespace]),
  ];
  const exec = ["kubectl", ...cluster, "exec", `deploy/${row.client}`, "--", "curl", "-sS"];
  if (row.check === "request") {
    const method = row.method === "GET" ? [] : ["-X", row.method];
    return [...exec, ...method, urls[row.way]].join(" ");
  }
  return [
    ...exec,
    `"${reviewsUrl}?[1-${pages}]"`,
    "| grep -o 'reviews-v[123]-' | sort | uniq -c",
  ].join(" ");
}

/**
 * A command as lines that a shell still reads as one: a line that goes on ends with a backslash. A word that is longer
 * than a line stays whole.
 */
export function commandLines(command: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  // Two columns for the backslash.
  const room = columns - indent.length - 2;
  for (const word of command.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && longer.length > room - (lines.length > 0 ? 2 : 0)) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.map((text, index) => {
    const start = index === 0 ? indent : `${indent}  `;
    return `${start}${text}${index < lines.length - 1 ? " \\" : ""}`;
  });
}
