import type { ProgressRow } from "../../automation/display.js";
import type { ReviewCounts } from "../../verify/checks/curl.js";
import type { PendingRow } from "../results/result-table.js";
import type { StepChanges } from "../step-changes.js";
import { changeLines, changesInShort, tableLines, wordLines } from "./frame.js";
import { keyHelp } from "./keys.js";
import { line, type Line } from "./lines.js";
import { allCommands, countLine, resultLines } from "./results.js";

/** What is on the screen besides its heading and footer. */
export interface Content {
  phase: "preparing" | "previewing" | "planned" | "applying" | "results";
  /** What covers the phase's own content, until a key takes it away. */
  over?: "explain" | "keys" | "commands";
  preparations: ProgressRow[];
  words: string;
  changes?: StepChanges;
  /** Of the results. */
  heading: string;
  rows: PendingRow[];
  /** Whether the rows that stayed as they were are shown too. */
  allRows: boolean;
  count?: ReviewCounts;
  /** The command that lets a shell reach the cluster, if it needs one. */
  shell?: string;
}

/** The content before the first step. */
export const emptyContent = (shell?: string): Content => ({
  phase: "preparing",
  preparations: [],
  words: "",
  heading: "",
  rows: [],
  allRows: false,
  ...(shell && { shell }),
});

/** Versions of the content, the best first. */
export function bodiesOf(content: Content, columns: number): Line[][] {
  const words = wordLines(content.words, columns);
  if (content.over === "keys") return [keyLines(content, columns)];
  if (content.over === "commands") return [commandsBody(content, columns)];
  if (content.over === "explain") return planBodies(content, columns, words, false);
  switch (content.phase) {
    case "preparing":
      return [content.preparations.map(preparationLine)];
    case "previewing":
      return [wordLines(content.words, columns, false)];
    case "planned":
      return planBodies(content, columns, words, false);
    case "applying":
      return planBodies(content, columns, words, true);
    case "results":
      return resultBodies(content, columns, words);
  }
}

function planBodies(
  { changes }: Content,
  columns: number,
  words: Line[],
  underWay: boolean,
): Line[][] {
  if (!changes) return [words];
  const head = line(changes.summary ? `${changes.summary}:` : "Nothing to change.", "bold");
  const long = changeLines(changes.groups, underWay, columns);
  const short = changesInShort(changes.groups, underWay);
  return [
    [...words, head, ...long],
    [...words, head, ...short],
    [head, ...short],
  ];
}

function resultBodies(content: Content, columns: number, words: Line[]): Line[][] {
  const { rows, allRows, count } = content;
  const head = content.heading ? [line(content.heading, "bold")] : [];
  const live = count ? [line(""), countLine(count, columns)] : [];
  if (allRows) {
    const all = tableLines(rows, columns);
    return [
      [...words, ...head, ...all, ...live],
      [...head, ...all, ...live],
      [...all, ...live],
      all,
    ];
  }
  const full = [...head, ...resultLines(rows, columns), ...live];
  const bare = [...head, ...resultLines(rows, columns, false), ...live];
  return [[...words, ...full], full, bare];
}

function commandsBody({ rows, shell }: Content, columns: number): Line[] {
  const lines = allCommands(rows, columns);
  const none = [line("No row of this stage is a request.")];
  return [...(lines.length > 0 ? lines : none), ...shellLines(shell)];
}

function keyLines({ shell }: Content, columns: number): Line[] {
  const width = Math.max(...keyHelp.map(([keys]) => keys.length)) + 2;
  const help = keyHelp.map(([keys, does]): Line => [
    { text: keys.padEnd(Math.min(width, columns)), style: "cyan" },
    { text: does },
  ]);
  return [...help, ...shellLines(shell)];
}

const shellLines = (shell: string | undefined): Line[] =>
  shell
    ? [
        line(""),
        line("Before the commands, in the shell that you paste them into:"),
        line(`    ${shell}`, "cyan"),
      ]
    : [];

function preparationLine({ title, detail = "", state }: ProgressRow): Line {
  const mark = state === "done" ? "✔" : state === "failed" ? "✖" : "▸";
  const style = state === "done" ? "green" : state === "failed" ? "red" : "cyan";
  return [{ text: mark, style }, ...line(` ${title}  `), { text: detail, style: "dim" }];
}
