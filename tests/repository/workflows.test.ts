import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";

interface Step {
  name?: string;
  uses?: string;
  run?: string;
}
interface Job {
  permissions?: Record<string, string>;
  "timeout-minutes": number;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: { "cancel-in-progress": boolean };
  jobs: Record<string, Job>;
}

const folder = new URL("../../.github/workflows/", import.meta.url);
const texts = readdirSync(folder).map(
  (file) => [file, readFileSync(new URL(file, folder), "utf8")] as const,
);
const workflow = (text: string) => parse(text) as Workflow;
const named = (file: string) => workflow(Object.fromEntries(texts)[file] ?? "");

describe("every workflow", () => {
  test.each(texts)("%s has permissions only in its jobs", (_file, text) => {
    const { permissions, jobs } = workflow(text);
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job.permissions).toBeDefined();
  });

  test.each(texts)("%s pins actions by commit and names the release", (_file, text) => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    for (const action of uses) {
      expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test.each(texts)(
    "%s persists no credentials and is canceled by a newer run, except a teardown",
    (file, text) => {
      const { concurrency, on } = workflow(text);
      expect(concurrency?.["cancel-in-progress"]).toBe(
        !["destroy.yml", "expire.yml"].includes(file),
      );
      expect(on).not.toHaveProperty("pull_request_target");
      const checkouts = text.match(/uses: actions\/checkout/g) ?? [];
      expect(text.match(/persist-credentials: false/g) ?? []).toHaveLength(checkouts.length);
    },
  );

  test("that runs a fork's code has no secrets and no write permission", () => {
    for (const [file, text] of texts) {
      const { on, jobs } = workflow(text);
      if (!("pull_request" in on) || file === "preview.yml") continue;
      expect(text).not.toContain("secrets.");
      for (const { permissions } of Object.values(jobs))
        expect(permissions).toEqual({ contents: "read" });
    }
    expect(JSON.stringify(named("preview.yml"))).toContain(
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });
});

test("a teardown's timeout is the sum of the program's timeouts and half an hour", () => {
  const plan = readFileSync(new URL("../../plans/dev.yaml", import.meta.url), "utf8");
  const entries = Object.values(parse(plan) as Record<string, { timeouts?: { delete?: string } }>);
  const minutes = entries.map(({ timeouts }) => parseInt(timeouts?.delete ?? "0", 10));
  const together = minutes.reduce((sum, each) => sum + each, 0);
  expect(together).toBeGreaterThan(60);
  const limits = ["destroy", "expire"].map((job) => named(`${job}.yml`).jobs[job]);
  for (const job of limits) expect(job?.["timeout-minutes"]).toBeGreaterThan(together + 30);
});

describe("the comment on a pull request", () => {
  const script = named("plan-comment.yml").jobs["comment"]?.steps.find(
    ({ name }) => name === "Comment",
  )?.run;
  let place: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "comment-"));
    mkdirSync(join(place, "result"));
    writeFileSync(
      join(place, "result", "plan.md"),
      "### Stack dev\n@everybody <!-- oke-ambient-mesh: plan -->\n",
    );
  });
  afterEach(() => rmSync(place, { recursive: true }));

  /** Runs the step with a simulated `gh` that has these comments; returns its calls and the comment's text. */
  function comment(known: unknown[]) {
    const gh = `#!/usr/bin/env node
const args = process.argv.slice(2);
require("fs").appendFileSync("calls", args.join(" ") + "\\n");
const filter = args[args.indexOf("--jq") + 1];
if (args.includes("--jq")) {
  const marker = /startswith\\("(.*)"\\)/.exec(filter)[1];
  for (const { id, user, body } of ${JSON.stringify(known)}) {
    if (user.login === "github-actions[bot]" && body.startsWith(marker)) console.log(id);
  }
}
`;
    writeFileSync(join(place, "gh"), gh);
    chmodSync(join(place, "gh"), 0o755);
    const env = {
      ...process.env,
      PATH: `${place}:${process.env["PATH"]}`,
      ...{ REPOSITORY: "o/r", NUMBER: "7", RUN_URL: "https://run", HEAD_SHA: "0123456789abcdef" },
    };
    // As GitHub runs a step: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#exit-codes-and-error-action-preference
    execFileSync("bash", ["-e", "-c", script ?? "exit 1"], { cwd: place, env });
    const calls = readFileSync(join(place, "calls"), "utf8");
    return { calls, text: readFileSync(join(place, "comment.md"), "utf8") };
  }

  const ours = {
    id: 42,
    user: { login: "github-actions[bot]" },
    body: "<!-- oke-ambient-mesh: plan -->\nold",
  };

  test("is created if there is none", () => {
    const { calls, text } = comment([]);
    expect(calls).toContain("--method POST repos/o/r/issues/7/comments");
    expect(text).toContain("on 01234567, without a cluster: [the run](https://run)");
  });

  test("is updated if it exists", () => {
    expect(comment([ours]).calls).toContain("--method PATCH repos/o/r/issues/comments/42");
  });

  test("does not replace another author's comment", () => {
    const theirs = [
      { ...ours, user: { login: "mallory" } },
      { ...ours, body: "mine" },
    ];
    expect(comment(theirs).calls).toContain("--method POST");
  });

  test("does not mention users or hide content", () => {
    const { text } = comment([]);
    expect(text).not.toContain("@everybody");
    expect(text.match(/<!--/g)).toHaveLength(1);
  });
});
