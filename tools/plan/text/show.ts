import { bySteps, summary, unseen } from "./diff.js";
import type { Change, ChangeKind } from "./diff.js";
import { excerpt } from "./lines.js";
import type { Line } from "./lines.js";

const signs: Record<ChangeKind, string> = { create: "+", update: "~", delete: "-", wait: "=" };
const context = 3;
/** GitHub accepts 65,536 characters in a comment; the workflow adds some text. */
const longestMarkdown = 60_000;

type Color = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

const codes: Record<Color, [number, number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** Adds ANSI codes to a text, or returns it unchanged. */
export type Paint = (color: Color, text: string) => string;

export const painter = (color: boolean): Paint =>
  color
    ? (color, text) => `\u001b[${codes[color][0]}m${text}\u001b[${codes[color][1]}m`
    : (_colour, text) => text;

/** For a terminal: a summary, then a heading and the changed lines of each resource. */
export function showText(title: string, changes: Change[], paint: Paint): string {
  const parts = changes.map((change) => {
    const { kind, name, type, step } = change;
    const color = { create: "green", update: "yellow", delete: "red", wait: "cyan" } as const;
    const about = [type, step].filter(Boolean).join(", step ");
    const heading = `${paint(color[kind], `${signs[kind]} ${name}`)}${about && ` ${paint("dim", about)}`}`;
    if (isBookkeeping(change)) return `${heading} ${paint("dim", `(${bookkeeping})`)}`;
    return [heading, ...shown(change).map((line) => `    ${paintLine(line, paint)}`)].join("\n");
  });
  return [`${paint("bold", title)}: ${summary(changes)}`, ...parts, ""].join("\n");
}

/** For a pull request: a table of the changes by step, then the changed lines in collapsed sections. */
export function showMarkdown(title: string, changes: Change[]): string {
  const heading = `### ${title}: ${summary(changes)}\n`;
  if (changes.length === 0) return heading;
  const kinds: ChangeKind[] = ["create", "update", "delete", "wait"];
  const rows = bySteps(changes).map(([step, inStep]) => {
    const cells = kinds.map((kind) =>
      inStep
        .filter((change) => change.kind === kind)
        .map(({ name }) => `\`${name}\``)
        .join("<br>"),
    );
    return `| ${[step || "outputs", ...cells].join(" | ")} |`;
  });
  const table = ["| step | create | update | delete | options |", "|---|---|---|---|---|", ...rows];
  const details = changes.map((change) => {
    const lines = shown(change).map(({ sign, text }) => `${sign}${text}`);
    return [
      `<details><summary>${signs[change.kind]} <code>${change.name}</code></summary>`,
      "",
      // Longer than any fence inside a value.
      "~~~~~diff",
      ...lines,
      "~~~~~",
      "",
      "</details>",
    ].join("\n");
  });
  return fit([`${heading}\n${table.join("\n")}\n`, ...details]);
}

function fit(parts: string[]): string {
  let text = "";
  for (const [i, part] of parts.entries()) {
    if (text.length + part.length > longestMarkdown) {
      return `${text}\n… and ${parts.length - i} more; \`npm run plan -- --diff\` shows them all.\n`;
    }
    text += `${part}\n`;
  }
  return text;
}

function shown({ kind, lines }: Change): Line[] {
  if (kind === "delete") return [];
  const body = lines.slice(1);
  return kind === "create" ? body : excerpt(body, context);
}

const bookkeeping = "waits for the new state and checks it";

/** Each change of the mesh gives the verification another input and other dependencies, which say nothing new. */
function isBookkeeping({ kind, name, lines }: Change): boolean {
  const expected = [/^ {2}- \S+$/, /^ {2}dependsOn:$/, /^ {4}stdin: /, new RegExp(`^${unseen}$`)];
  return (
    /^verification(-command)?$/.test(name) &&
    (kind === "update" || kind === "wait") &&
    lines.every(({ sign, text }) => sign === " " || expected.some((line) => line.test(text)))
  );
}

function paintLine({ sign, text }: Line, paint: Paint): string {
  if (sign === "+") return paint("green", `+ ${text}`);
  if (sign === "-") return paint("red", `- ${text}`);
  return `  ${text}`;
}
