import { afterAll, describe, expect, test } from "@jest/globals";

import type { OperationReport } from "../../../tools/sandbox/commands.js";
import type { Report } from "../../../tools/verify/report.js";
import { Pty } from "../../pty.js";
import { TestSandbox } from "../harness.js";

// The sandbox's commands as a person sees them, and drift from the red end to its repair.
const minutes = 60_000;
const long = 10 * minutes;
const sandbox = new TestSandbox("test-terminal");
const policy = "productpage-viewer";

afterAll(async () => {
  await sandbox.try("destroy");
}, 4 * minutes);

/** Runs a command on a terminal of that size. */
async function onTerminal(columns: number, rows: number, ...args: string[]) {
  const started = Date.now();
  const command = `npm run -s sandbox -- ${args.join(" ")} --name ${sandbox.name}`;
  const pty = new Pty(command, { columns, rows }, { CI: "", NO_COLOR: "1" });
  const code = await pty.ended;
  const { history, screen, tooLong } = pty.terminal;
  return {
    code,
    /** Everything that it printed, line by line. */
    lines: [...history, ...screen].map((line) => line.trimEnd()),
    /** Rows of the progress that did not fit. */
    tooLong: tooLong.filter((line) => /^[✔✖·\u2800-\u28ff]/u.test(line)),
    seconds: (Date.now() - started) / 1000,
  };
}

/** The number of resources in the lists of changes, and in the rows of the steps. */
const listed = (lines: string[]) =>
  lines
    .flatMap((line) => /^\+ (?:(\d+) )?\w+:/.exec(line) ?? [])
    .filter((_, index) => index % 2 === 1)
    .reduce((sum, count) => sum + Number(count ?? 1), 0);
const inRows = (lines: string[]) =>
  lines.reduce((sum, line) => sum + Number(/^✔ .*?(\d+) created/.exec(line)?.[1] ?? 0), 0);

describe("on a terminal", () => {
  test(
    "a first preview counts right, tells what an up will tell, and ends with the up",
    async () => {
      await sandbox.gone();
      const { code, lines, tooLong } = await onTerminal(80, 24, "preview", "--stage", "l4");
      expect([code, tooLong]).toEqual([0, []]);
      expect(lines[0]).toBe('Previewing an update of the sandbox "test-terminal" …');
      const sum = lines.find((line) => line.includes("would be created"));
      const count = Number(/^(\d+) would be created in /.exec(sum ?? "")?.[1]);
      expect(count).toBeGreaterThan(60);
      // The stack itself has no step.
      expect([listed(lines), inRows(lines)]).toEqual([count, count - 1]);
      expect(lines.join("\n")).toMatch(/^ {2}productpageUrl +known after up$/m);
      expect(lines.join("\n")).not.toContain("04da6b54");
      expect(lines.at(-1)).toBe(
        "Apply it: npm run -s sandbox -- up --name test-terminal --stage l4",
      );
      // It was started for this.
      expect(lines).toContain("✔ OCI endpoint  stopped");
    },
    long,
  );

  test(
    "a destroy shows in its rows that the sandbox stops",
    async () => {
      await sandbox.try("preview");
      const { code, lines, tooLong } = await onTerminal(80, 24, "destroy");
      expect([code, tooLong]).toEqual([0, []]);
      expect(lines).toContain("✔ OCI endpoint  stopped");
    },
    long,
  );

  test(
    "of 120 × 40 an up ticks its steps and says Plugins once",
    async () => {
      await sandbox.gone();
      const { code, lines, tooLong, seconds } = await onTerminal(120, 40, "up", "--stage", "l4");
      expect([code, tooLong]).toEqual([0, []]);
      // It covers the whole command, not only the engine's part.
      const [shown] = lines.flatMap(
        (line) => /^\d+ created.* in ([\d.]+) s$/.exec(line)?.[1] ?? [],
      );
      expect(Number(shown) / seconds).toBeGreaterThan(0.8);
      expect(Number(shown)).toBeLessThanOrEqual(seconds);
      expect(lines).toContainEqual(expect.stringMatching(/^✔ 3 Bookinfo {2}\d+ created$/));
      expect(lines).toContainEqual(expect.stringMatching(/^✔ Verification {2}/));
      expect(lines.filter((line) => line.includes("Plugins"))).toHaveLength(1);
      expect(lines).toContain("Step by step:  npm run walk -- --name test-terminal");
    },
    long,
  );

  test(
    "a refresh names the field that was changed by hand, and an up restores it",
    async () => {
      await sandbox.at("l4");
      await sandbox.kubectl("scale", "deployment/ratings-v1", "--replicas=2");
      const refresh = await onTerminal(80, 24, "refresh");
      expect([refresh.code, refresh.tooLong]).toEqual([0, []]);
      const of = refresh.lines.findIndex((line) =>
        / 1 changed outside of Pulumi, /.test(` ${line}`),
      );
      expect(refresh.lines.slice(of + 1, of + 3)).toEqual([
        "~ bookinfo-deployment-ratings-v1 (Deployment)",
        "    spec.replicas: 1 → 2",
      ]);
      expect(refresh.lines.at(-1)).toBe(
        "Restore what was changed: npm run -s sandbox -- up --name test-terminal",
      );

      const up = await onTerminal(80, 24, "up");
      expect([up.code, up.tooLong]).toEqual([0, []]);
      expect(up.lines).toContainEqual(expect.stringMatching(/^✔ 3 Bookinfo {2}.*1 updated/));
      expect(up.lines).toContainEqual(expect.stringMatching(/^1 updated, \d+ unchanged in /));
    },
    long,
  );

  test(
    "of 120 × 40 a preview lists the changed fields of a running sandbox",
    async () => {
      await sandbox.at("l4");
      const argv = ["preview", "--config", "reviews.v2Percent=30", "--stage", "l7"];
      const { code, lines, tooLong } = await onTerminal(120, 40, ...argv);
      expect([code, tooLong]).toEqual([0, []]);
      expect(lines).toContainEqual(expect.stringMatching(/^\d+ would be created, .*updated, /));
      expect(lines).toContainEqual(expect.stringMatching(/^~ authorization-authorizationpolicy-/));
      expect(lines.find((line) => line.startsWith("✔ OCI endpoint"))).not.toContain("stopped");
      expect(lines.at(-1)).toBe(
        "Apply it: npm run -s sandbox -- up --name test-terminal --stage l7 --config reviews.v2Percent=30",
      );
    },
    long,
  );
});

test(
  "a policy that was deleted by hand: the up ends red early and names the command, which restores it",
  async () => {
    await sandbox.at("l4");
    await sandbox.kubectl("delete", "authorizationpolicy", policy);
    const red = await sandbox.try("up", "--json");
    const { error, verification } = JSON.parse(red.stdout) as {
      error: string;
      verification: Report;
    };
    expect(red.code).toBe(1);
    expect(error).toEqual(
      expect.stringMatching(
        /^The sandbox is up, but it failed verification; see the red rows\.\nLogs are in .*\. Continue with: npm run -s sandbox -- up --refresh --name test-terminal$/,
      ),
    );
    expect(verification.seconds).toBeLessThan(40);
    expect(verification.remedies).toEqual([
      {
        why: `Changed outside of Pulumi: AuthorizationPolicy default/${policy} does not exist. Restore it with:`,
        command: "npm run -s sandbox -- up --refresh --name test-terminal",
      },
    ]);
    const preview = await sandbox.try("preview", "--refresh");
    expect(preview.stdout).toContain(`\n+ AuthorizationPolicy: authorization-authorizationpolicy-`);

    const healed = await sandbox.try("up", "--refresh", "--json");
    const { changes, verification: after } = JSON.parse(healed.stdout) as OperationReport;
    expect([healed.code, changes.create, after?.verdict]).toEqual([0, 1, "green"]);
  },
  long,
);
