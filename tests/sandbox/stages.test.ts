import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";

import { stages } from "../../components/settings.js";
import { ociFolder } from "../../sandbox/oci/client.js";
import { apiKey } from "../../sandbox/oci/identity.js";
import { root, stateDir } from "../../sandbox/paths.js";
import { drifts } from "./drift-table.js";
import { ProcessWatch } from "./process-watch.js";
import * as secrets from "./secrets.js";
import { stageSteps } from "./stage-table.js";
import { urnsChanged, urnsOnFile, urnTree } from "./urns.js";
import { Walk } from "./stage-walk.js";

const minutes = 60_000;
/** Each case may have to go the whole way to the stage it needs. */
const long = 20 * minutes;
/** A person's own secrets, in the environment of every command. */
const planted: Record<string, string> = {};
const walk = new Walk("stages", planted);
let watch: ProcessWatch;

beforeAll(async () => {
  await walk.try("destroy");
  planted["TF_VAR_private_key"] = apiKey(ociFolder(walk.name)).privateKey;
  planted["TF_VAR_private_key_password"] = randomBytes(24).toString("hex");
  planted["PULUMI_ACCESS_TOKEN"] = `pul-${randomBytes(20).toString("hex")}`;
  watch = new ProcessWatch();
}, 5 * minutes);

afterAll(async () => {
  watch.stop();
  await walk.try("destroy");
}, 5 * minutes);

const none = { create: [], update: [], replace: [], delete: [] };
const names = (...lists: string[][]) => lists.flat().sort();
const steps = stageSteps.map((step) => ({
  ...step,
  before: stages[stages.indexOf(step.stage) - 1] ?? "cluster",
  updated: names(step.differs, ["verification-command"]),
}));

describe("a stage forward", () => {
  test.each(steps)(
    "from $before to $stage creates what is new and leaves all else",
    async ({ before, stage, has, updated }) => {
      await walk.at(before);
      expect(await walk.up(stage)).toEqual({ ...none, create: names(has), update: updated });
    },
    long,
  );
});

describe("the whole graph", () => {
  test(
    "has the URNs and parents on file",
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
    "is accepted with strict validation: manifests/%s",
    async (file) => {
      await walk.at("traffic");
      const path = join(root, "manifests", file);
      const objects = parseAllDocuments(readFileSync(path, "utf8"));
      expect((await dryRun(path)).trim().split("\n")).toHaveLength(objects.length);
    },
    long,
  );

  test(
    "would not be accepted with a field misspelt",
    async () => {
      await walk.at("traffic");
      const text = readFileSync(join(root, "manifests", "l4", "productpage-viewer.yaml"), "utf8");
      const file = join(stateDir(walk.name), "misspelt.yaml");
      writeFileSync(file, text.replace("selector:", "selectors:"));
      await expect(dryRun(file)).rejects.toThrow(/unknown field "spec.selectors"/);
    },
    long,
  );
});

describe("a refresh", () => {
  test(
    "finds all as it was left, and so does a preview after it",
    async () => {
      await walk.at("traffic");
      expect(await walk.refresh()).toEqual(none);
      expect(await walk.preview()).toEqual(none);
    },
    long,
  );

  test(
    `sees ${drifts.map(({ what }) => what).join(", ")}; up mends it, and nothing else moves`,
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

describe("a stage back", () => {
  test.each([...steps].reverse())(
    "from $stage to $before deletes what it had, and leaves no request refused that was allowed",
    async ({ before, stage, has, updated }) => {
      await walk.at(stage);
      expect(await walk.up(before)).toEqual({ ...none, delete: names(has), update: updated });
    },
    long,
  );
});

describe("secrets", () => {
  const known = () => [
    ...secrets.keptSecrets(walk.name),
    ...secrets.tokenSecrets(watch.tokens, walk.clusterIds),
    ...Object.entries(planted).map(([name, text]) => secrets.secretOf(name, text)),
  ];

  test(
    "are found where they are kept, which is shut to others",
    async () => {
      await walk.anywhere();
      const kept = known().map(({ name }) => name);
      const key = "control-plane/keys/admin.key";
      expect(kept).toEqual(expect.arrayContaining(["passphrase", "oci/key.pem", key, "OKE token"]));
      const places = secrets.keptFiles(walk.name);
      const found = secrets.findSecrets(known(), places);
      expect(found).toEqual(expect.arrayContaining([`${key} in control-plane/kubeconfig`]));
      expect(secrets.openFiles(walk.name)).toEqual([]);
    },
    long,
  );

  test(
    "are nowhere in state, its history, settings and logs but encrypted",
    async () => {
      await walk.anywhere();
      const [stack] = (await walk.state()).deployment.resources;
      expect(stack?.outputs?.["kubeconfig"]).toHaveProperty("ciphertext");
      const files = secrets.writtenFiles(walk.name);
      expect(Object.keys(files).join("\n")).toMatch(/\.checkpoint\.json$/m);
      expect(Object.keys(files)).toEqual(
        expect.arrayContaining(["logs/istiod.log", "logs/kube-apiserver.log", "oci/state.json"]),
      );
      expect(secrets.findSecrets(known(), files)).toEqual([]);
    },
    long,
  );

  test(
    "are in nothing that was printed and on no command line, to the end of destroy",
    async () => {
      await walk.anywhere();
      const all = known();
      await walk.destroy();
      const commands = [...watch.commands].join("\n");
      // Who could hand them on: the engine, a plugin, the helper that makes tokens, Helm, the verification.
      for (const part of ["pulumi up", "plugins/kubernetes", "token/cli", "helm ", "verify/cli"]) {
        expect(commands).toContain(part);
      }
      const printed = walk.printed.join("\n");
      expect(secrets.findSecrets(all, { printed, commands })).toEqual([]);
    },
    long,
  );
});
