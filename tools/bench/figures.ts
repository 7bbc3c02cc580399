import { logicalName } from "../automation/steps.js";
import type { Gap, Leg } from "./critical-path.js";

/** A duration and its floor, in milliseconds. */
export interface Figure {
  what: string;
  took: number;
  /** What the floor is the duration of. */
  against: string;
  floor: number;
  /** The highest ratio of the two that is good. */
  goal: number;
}

/** What one run of the benchmark found. */
export interface Findings {
  /** ISO 8601, UTC. */
  date: string;
  /** Processors of the machine. */
  processors: number;
  /** OCI's time, as a factor of its usual time. */
  cloud: number;
  /** The provider plugins, as every run of a sandbox reports them. */
  plugins: string;
  figures: Figure[];
  /** The first `up`. */
  first: {
    total: number;
    /** Share of all processors' time in which they worked, from 0 to 1. */
    busy: number;
    path: Leg[];
    /** The longest times in which nothing on the critical path ran, longest first. */
    gaps: Gap[];
  };
}

/** How long the critical path of a first `up` may be without OCI's time, in milliseconds. */
export const pathGoal = 20_000;

/** The median: a run that something else on the machine disturbed does not count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const ratio = ({ took, floor }: Figure): number => took / floor;

/** Time of the resources on a path, without what lies between them. */
export const pathTime = (path: readonly Leg[]): number =>
  path.reduce((sum, { begin, end }) => sum + end - begin, 0);

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

/** The findings as text for a terminal. */
export function describe({ figures, first, processors }: Findings): string {
  const rows = figures.map((figure) => {
    const met = ratio(figure) <= figure.goal ? "met" : "missed";
    return (
      figure.what.padEnd(31) +
      seconds(figure.took).padStart(8) +
      `   ${figure.against.padEnd(18)}${seconds(figure.floor).padStart(8)}` +
      `   ratio ${ratio(figure).toFixed(2)}, goal ${figure.goal} ${met}`
    );
  });
  const width = 40;
  const bars = first.path.map(({ urn, begin, end }) => {
    const [from, to] = [begin, end].map((at) => Math.round((at / first.total) * width)) as [
      number,
      number,
    ];
    const bar = `${" ".repeat(from)}${"█".repeat(Math.max(1, to - from))}`.padEnd(width + 1);
    return `${logicalName(urn).padEnd(38)}${bar}${seconds(end - begin).padStart(8)}`;
  });
  const gaps = first.gaps.map(({ before, length, meanwhile }) => {
    const ran = meanwhile.map(logicalName).join(", ") || "nothing";
    return `${seconds(length).padStart(8)} before ${logicalName(before)}; meanwhile: ${ran}`;
  });
  return [
    ...rows,
    "",
    `The critical path of the first up: ${seconds(pathTime(first.path))}`,
    ...bars,
    "",
    "Its longest gaps",
    ...gaps,
    "",
    `The ${processors} processors were busy for ${Math.round(first.busy * 100)} % of the first up.`,
  ].join("\n");
}

/** docs/benchmarks.md with the findings as another row of its table, whose columns stay aligned. */
export async function withRow(page: string, findings: Findings): Promise<string> {
  const { format } = await import("prettier");
  return format(`${page.trimEnd()}\n${tableRow(findings)}\n`, { parser: "markdown" });
}

function tableRow({ date, processors, cloud, plugins, figures, first }: Findings): string {
  const cells = figures.map(
    (figure) => `${seconds(figure.took)} ÷ ${seconds(figure.floor)} = ${ratio(figure).toFixed(2)}`,
  );
  const machine = `${processors} processors, ${Math.round(first.busy * 100)} % busy`;
  const real = plugins.replaceAll(/^Plugins: |\.$/g, "");
  return `| ${[date.slice(0, 10), machine, real, String(cloud), ...cells].join(" | ")} |`;
}
