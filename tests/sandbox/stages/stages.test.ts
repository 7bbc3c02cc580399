import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";

import { type Stage, stages } from "../../../components/settings/settings.js";
import { stackName } from "../../../tools/stacks/settings-file.js";
import { root, stateDir } from "../../../tools/paths.js";
import { drifts } from "./drift-table.js";
import { firstStage, stageSteps } from "./stage-table.js";
import { urnsChanged, urnsOnFile, urnTree } from "../urns.js";
import { Walk } from "./stage-walk.js";

const minutes = 60_000;
/** Each test may have to deploy all stages up to its own. */
const long = 20 * minutes;
const walk = new Walk("test-stages");

afterAll(async () => void (await walk.try("destroy")), 5 * minutes);

const none = { create: [], update: [], replace: [], delete: [] };
const names = (...lists: string[][]) => lists.flat().sort();
const stack = `oke-ambient-mesh-${stackName(walk.name)}`;
const first = [stack, ...firstStage];
const all = names(first, ...stageSteps.map(({ has }) => has));
const steps = stageSteps.map((step) => ({
  ...step,
  before: stages[stages.indexOf(step.stage) - 1] ?? "cluster",
  updated: names(step.differs, ["verification-command"]),
}));

/** A refresh finds no changes at this stage, and neither does a preview after it: both look at every resource. */
async function unchanged(stage: Stage): Promise<void> {
  const there = stageSteps.filter((step) => stages.indexOf(step.stage) <= stages.indexOf(stage));
  const count = names(first, ...there.map(({ has }) => has)).length;
  for (const operation of ["refresh", "preview"] as const) {
    const { changes, resources } = await walk.run(operation);
    expect([operation, resources]).toEqual([operation, none]);
    expect([operation, changes.same]).toEqual([operation, count]);
  }
}

describe("a move forward", () => {
  test(
    "from nowhere to cluster creates the resources of the first stage, which then stay as they are",
    async () => {
      await walk.gone();
      expect(await walk.up("cluster")).toEqual({ ...none, create: names(first) });
      await unchanged("cluster");
    },
    long,
  );

  test.each(steps)(
    "from $before to $stage creates the new resources and changes nothing else, then or later",
    async ({ before, stage, has, updated }) => {
      await walk.at(before);
      expect(await walk.up(stage)).toEqual({ ...none, create: names(has), update: updated });
      await unchanged(stage);
    },
    long,
  );
});

describe("the whole graph", () => {
  test(
    "has the URNs and parents in urns.txt",
    async () => {
      await walk.at("traffic");
      const tree = urnTree((await walk.state()).deployment.resources);
      const onFile = urnsOnFile(tree);
      if (tree !== onFile) expect(`${urnsChanged}\n\n${tree}`).toBe(onFile);
    },
    long,
  );

  const manifests = readdirSync(join(root, "manifests"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort();
  const dryRun = (file: string) =>
    walk.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", file, "-o", "name");

  test.each(manifests)(
    "passes strict validation: manifests/%s",
    async (file) => {
      await walk.at("traffic");
      const path = join(root, "manifests", file);
      const objects = parseAllDocuments(readFileSync(path, "utf8"));
      expect((await dryRun(path)).trim().split("\n")).toHaveLength(objects.length);
    },
    long,
  );

  test(
    "fails strict validation with a misspelled field",
    async () => {
      await walk.at("traffic");
      const text = readFileSync(join(root, "manifests", "l4", "productpage-viewer.yaml"), "utf8");
      const file = join(stateDir(walk.name), "misspelled.yaml");
      writeFileSync(file, text.replace("selector:", "selectors:"));
      await expect(dryRun(file)).rejects.toThrow(/unknown field "spec.selectors"/);
    },
    long,
  );
});

describe("a refresh", () => {
  test(
    `detects ${drifts.map(({ what }) => what).join(", ")}, which up reverts without other changes`,
    async () => {
      await walk.at("traffic");
      const look = () => Promise.all(drifts.map(({ shows }) => walk.kubectl("get", ...shows)));
      const before = await look();
      for (const { by } of drifts) await walk.kubectl(...by);
      const after = await look();
      drifts.forEach(({ what }, i) => expect([what, after[i]]).not.toEqual([what, before[i]]));
      const changed = names(...drifts.map((drift) => drift.changed));
      const gone = names(...drifts.map((drift) => drift.gone));
      expect(await walk.refresh()).toEqual({ ...none, update: changed, delete: gone });
      expect(await walk.up("traffic")).toEqual({ ...none, update: changed, create: gone });
      expect(await look()).toEqual(before);
    },
    long,
  );
});

describe("a move back", () => {
  test.each([...steps].reverse())(
    "from $stage to $before deletes the stage's resources and restores the earlier results",
    async ({ before, stage, has, updated }) => {
      await walk.at(stage);
      expect(await walk.up(before)).toEqual({ ...none, delete: names(has), update: updated });
      expect((await walk.run("preview")).resources).toEqual(none);
    },
    long,
  );
});

describe("a destroy", () => {
  test(
    "deletes every resource",
    async () => {
      await walk.at("traffic");
      expect(await walk.destroy()).toEqual({ ...none, delete: all });
    },
    long,
  );
});
