import type { Stage } from "../../components/settings/types.js";
import type { Report } from "../../tools/verify/report.js";
import { block, folded, type Journal, table, Unmet } from "./journal.js";
import { type Sabotage, sabotages } from "./sabotages.js";
import { type Shell, typed } from "./shell.js";

/** What a run works with. */
export interface Run {
  journal: Journal;
  shell: Shell;
  stack: string;
  /** Path of the cluster's kubeconfig, and the context in it; default: its current one. */
  kubeconfig: string;
  context?: string;
  /** URL of the state backend. */
  backend: string;
  /** Walks only the last stage, tries one sabotage, and goes to no other stage. */
  brief: boolean;
  /** The command for an `up` with these flags of `pulumi up`: `--refresh`, `--expect-no-changes`. */
  up: (...flags: string[]) => string[];
}

/** How long istiod may take until a sabotage shows, in milliseconds. */
const showsWithin = 120_000;

/**
 * Does what a person does from an empty cluster to an empty cluster. Stops at the first expectation that is
 * not met, and destroys in any case.
 *
 * @returns whether everything passed.
 */
export async function play(run: Run): Promise<boolean> {
  const { journal, shell, stack, backend, brief, up } = run;
  const succeed = (...commands: string[][]) => shell.succeed(...commands);
  const pulumi = (...args: string[]) => ["pulumi", ...args, "--stack", stack];
  const set = (...args: string[]) => pulumi("config", "set", ...args);

  const created = await inOrder(journal, [
    ["Log in to a local backend", () => succeed(["pulumi", "login", backend])],
    [
      "Create the stack",
      () =>
        succeed(
          ["pulumi", "stack", "init", stack, "--no-select"],
          set("--path", "existing.kubeconfig", run.kubeconfig),
          ...(run.context ? [set("--path", "existing.context", run.context)] : []),
        ),
    ],
  ]);
  if (!created) return false;

  const to = (stage: Stage) => succeed(set("stage", stage), up());
  const passed = await inOrder(journal, [
    ...(brief ? [["Bring the stack to stage l7", () => to("l7")] satisfies Step] : []),
    [
      `Walk from ${brief ? "stage l7" : "an empty cluster"} to stage traffic`,
      () => succeed(["npm", "run", "-s", "walk", "--", "--stack", stack, "--auto"]),
    ],
    ["Every expected result holds", () => green(run, "verify.json")],
    ["A second up changes nothing", () => succeed(up("--expect-no-changes"))],
    ...sabotages.slice(0, brief ? 1 : undefined).flatMap((sabotage): Step[] => [
      [`Verification reports ${sabotage.what}`, () => reported(run, sabotage)],
      [
        "An up with a refresh repairs it",
        async () => `${await succeed(up("--refresh"))}\n\n${await green(run)}`,
      ],
    ]),
    ...(brief ? [] : (["l4", "traffic"] as const)).map((stage): Step => [
      `Go ${stage === "l4" ? "back" : "forward"} to stage ${stage}`,
      async () => `${await to(stage)}\n\n${await green(run)}`,
    ]),
  ]);

  const destroyed = await journal.step("Destroy", () =>
    succeed(pulumi("destroy", "--yes", "--skip-preview", "--color", "never")),
  );
  const empty = await journal.step("Nothing is left in the cluster", () =>
    succeed(["npm", "run", "-s", "verify", "--", "--stack", stack, "--destroyed"]),
  );
  if (!destroyed) return false;
  const removed = await journal.step("Remove the stack", () =>
    succeed(["pulumi", "stack", "rm", stack, "--yes"]),
  );
  return passed && empty && removed;
}

type Step = [title: string, work: () => Promise<string>];

/** Runs steps up to the first that fails. */
async function inOrder(journal: Journal, steps: Step[]): Promise<boolean> {
  for (const [title, work] of steps) if (!(await journal.step(title, work))) return false;
  return true;
}

const verify = (stack: string, ...args: string[]) => [
  ...["npm", "run", "-s", "verify", "--", "--stack", stack, "--json"],
  ...args,
];

/** @param keep name of the file beside the summary that keeps the report. */
async function green({ shell, journal, stack }: Run, keep?: string): Promise<string> {
  const argv = verify(stack);
  const { code, stdout, output } = await shell.run(argv);
  const detail = describe(argv, stdout, output);
  const { report } = detail;
  if (keep && report) journal.save(keep, stdout);
  for (const note of report?.notes ?? []) {
    if (!journal.notes.includes(note)) journal.notes.push(note);
  }
  if (code === 0 && report?.verdict === "green") return detail.markdown;
  throw new Unmet(`Not every row is green (exit status ${code}).\n\n${detail.markdown}`);
}

async function reported(run: Run, { by, red }: Sabotage): Promise<string> {
  const { shell, stack, kubeconfig, context } = run;
  const at = ["--kubeconfig", kubeconfig, ...(context ? ["--context", context] : [])];
  const done = await shell.succeed(["kubectl", ...at, ...by]);
  const argv = verify(stack, "--settle", "1");
  const end = Date.now() + showsWithin;
  for (;;) {
    const { code, stdout, output } = await shell.run(argv);
    const { report, markdown } = describe(argv, stdout, output);
    const seen = (report?.rows ?? [])
      .filter(({ verdict }) => verdict !== "green")
      .map(({ id }) => id)
      .sort();
    const detail = `${done}\n\n${markdown}`;
    if (code === 1 && seen.join() === [...red].sort().join()) return detail;
    if (Date.now() < end) continue;
    const [expected, found] = [red, seen].map((ids) => ids.join(", ") || "none");
    throw new Unmet(
      `Expected red: ${expected}. Found: ${found} (exit status ${code}).\n\n${detail}`,
    );
  }
}

/** The report that `verify --json` has printed, and what the summary shows of it. */
function describe(
  argv: string[],
  stdout: string,
  output: string,
): { report?: Report; markdown: string } {
  const command = block(`$ ${typed(argv)}`);
  let report: Report;
  try {
    report = JSON.parse(stdout) as Report;
  } catch {
    return { markdown: `${command}\n\n${block(output)}` };
  }
  const marks = { green: "✔", red: "✖", "not checked": "–" };
  const rows = (report.rows ?? []).map(({ verdict, stage, what, expected, seen, cause }) => [
    marks[verdict],
    stage,
    what,
    expected,
    cause ? `${seen} (likely cause: ${cause})` : seen,
  ]);
  const shown = table(["", "stage", "what", "expected", "seen"], rows);
  return {
    report,
    markdown: `${command}\n\n${folded(`${rows.length} expected results: ${report.verdict}`, shown)}`,
  };
}
