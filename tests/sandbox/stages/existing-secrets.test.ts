import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";

import { stateDir } from "../../../tools/paths.js";
import { Guest } from "../guest.js";
import { TestSandbox } from "../harness.js";
import { leaksIn } from "../leaks.js";
import { run } from "../oke.js";

const minutes = 60_000;
const sandbox = new TestSandbox("test-existing-secrets");
const stackName = "sandbox-test-existing-secrets-guest";
const folder = mkdtempSync(join(tmpdir(), "existing-secrets-"));
let guest: Guest | undefined;

afterAll(async () => {
  await sandbox.try("destroy");
  guest?.close();
  rmSync(folder, { recursive: true, force: true });
}, 4 * minutes);

interface Kubeconfig {
  contexts: { context: object }[];
  users: { user: { "client-key-data"?: string } }[];
}

test(
  "every setting of a mesh on an existing cluster that is set as a secret is encrypted in state and history",
  async () => {
    guest = await Guest.open(sandbox, stackName);
    const { stack, settings, environment } = guest;
    const { chartRepository, gatewayApi, helmValues } = settings["mesh"] as Record<string, string>;
    const [bundle = "", digest = ""] = (gatewayApi ?? "").split("#");
    symlinkSync(chartRepository ?? "", join(folder, "planted-charts"));
    symlinkSync(bundle, join(folder, "planted-crds.yaml"));
    const kubeconfig = parse(readFileSync(environment["KUBECONFIG"] ?? "", "utf8")) as Kubeconfig;
    const context = kubeconfig.contexts[0]?.context;
    const key = kubeconfig.users[0]?.user["client-key-data"] ?? "no key";
    // Too short to be searched for in resources.
    const named = {
      ...kubeconfig,
      contexts: [{ name: "ctx-7", context }],
      "current-context": "ctx-7",
    };
    const secrets = {
      "existing.kubeconfig": stringify(named),
      "existing.context": "ctx-7",
      "mesh.chartRepository": join(folder, "planted-charts"),
      "mesh.gatewayApi": `${join(folder, "planted-crds.yaml")}#${digest}`,
      "mesh.imageHub": "planted.example.com/istio",
      "mesh.helmValues.istiod.env.PLANTED": "planted-value",
    };
    guest.configure({ stage: "mesh", existing: {}, mesh: { helmValues }, verify: true });
    for (const [path, value] of Object.entries(secrets)) {
      await stack.setConfig(`oke-ambient-mesh:${path}`, { value, secret: true }, true);
    }
    const said: string[] = [];
    const onOutput = (text: string) => said.push(text);
    for (const operation of ["preview", "up", "refresh", "up"] as const) {
      const outcome = await run((options) =>
        stack[operation]({ ...options, onOutput, diff: true, parallel: 64 }),
      );
      expect([operation, outcome.error]).toEqual([operation, undefined]);
      said.push(outcome.said);
    }
    const planted = {
      ...secrets,
      "existing.kubeconfig": key,
      "mesh.gatewayApi": join(folder, "planted-crds.yaml"),
    };
    expect(leaksIn(join(stateDir(sandbox.name), "pulumi"), stackName, planted)).toEqual([]);
    const printed = said.join("\n");
    const shown = Object.entries(planted).filter(([, text]) => printed.includes(text));
    expect(shown.map(([path]) => path)).toEqual([]);

    // The stack's file tells which field of `mesh` this is.
    await stack.setConfig("oke-ambient-mesh:mesh.version", { value: "1.31.1", secret: true }, true);
    const { error } = await run((options) => stack.preview(options));
    expect(error).toContain('mesh.version = "[secret]": expected plain text');
    expect(error).toContain("pulumi config set --plaintext --path mesh.version <value>");
  },
  15 * minutes,
);
