import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";

import { root, stateDir } from "../../../tools/paths.js";
import { runToEnd } from "../run-to-end.js";
import { simulatedPulumi } from "../simulated-pulumi.js";

jest.setTimeout(60_000);

/** A command as npm runs it. */
function run(command: string, args: string[], PATH = process.env["PATH"], env = {}) {
  const argv = ["--import", "tsx", `tools/${command}/cli.ts`, ...args];
  return runToEnd(process.execPath, argv, { env: { ...process.env, PATH, ...env } });
}

describe("with --json a failure is a document on stdout", () => {
  test.each([
    ["sandbox", ["up", "--fast", "--json"], 2, "Unknown option '--fast'"],
    ["sandbox", ["--json", "up", "--stage", "l5"], 2, 'There is no stage "l5"'],
    ["verify", ["--json", "--stage", "l5"], 2, 'There is no stage "l5"'],
    ["verify", ["--json", "--sandbox", "never-was"], 1, 'There is no sandbox "never-was".'],
    ["doctor", ["--json", "--fast"], 2, "Unknown option '--fast'"],
    ["doctor", ["--json", "--stack", "never-was"], 1, "There is no Pulumi.never-was.yaml"],
  ])("of %s %j", async (command, args, status, message) => {
    const { code, stdout, stderr } = await run(command, args, "/nowhere");
    expect([code, JSON.parse(stdout)]).toEqual([
      status,
      { error: expect.stringContaining(message) },
    ]);
    expect(stderr).toContain(message);
  });
});

test.each([
  "sandbox",
  "verify",
  "walk",
  "plan",
  "doctor",
  "bench",
  "record",
  "expire",
  "digest",
  "dashboard",
])("a wrong command line of %s ends with status 2 and a suggestion", async (command) => {
  const { code, stderr } = await run(command, ["--hepl"]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("Unknown option '--hepl'; did you mean --help?"),
  ]);
});

test.each(["plan", "doctor", "verify", "walk", "expire", "dashboard"])(
  "a stack of another project is refused by %s",
  async (command) => {
    const more = command === "expire" ? ["--in", "8h"] : [];
    const { code, stderr } = await run(command, ["--stack", "acme/other-project/dev", ...more]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        "--stack acme/other-project/dev is a stack of project other-project; this is project oke-ambient-mesh. Expected dev, acme/dev, or acme/oke-ambient-mesh/dev. For project other-project, run its own commands in its folder.\n",
      ),
    ]);
  },
);

test.each([
  ["doctor", []],
  ["verify", []],
  ["walk", ["--auto"]],
  ["expire", ["--in", "8h"]],
  ["dashboard", []],
])("a stack of an organization is asked for by its whole name by %s", async (command, more) => {
  const folder = mkdtempSync(join(tmpdir(), "asked-"));
  const asked = join(folder, "asked");
  const refuse = "echo \"error: no stack named 'acme/dev' found\" >&2; exit 6";
  const path = simulatedPulumi(`*) echo "$*" >> '${asked}'; ${refuse};;`);
  await run(command, ["--stack", "acme/dev", ...more], path);
  const names = [...readFileSync(asked, "utf8").matchAll(/--stack[ =](\S+)/g)].map(
    ([, name]) => name,
  );
  rmSync(folder, { recursive: true });
  expect([...new Set(names)]).toEqual(["acme/dev"]);
});

test("a state folder that cannot be written gets a sentence", async () => {
  const name = `unit-unwritable-${process.pid}`;
  const folder = stateDir(name);
  mkdirSync(dirname(folder), { recursive: true });
  writeFileSync(folder, "a file, not a folder");
  const { code, stderr } = await run("sandbox", ["preview", "--name", name, "--json"]);
  rmSync(folder);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /\nerror: .+unit-unwritable-\d+\/in-use cannot be used: a part of the path is a file \(ENOTDIR\)\. Make it .*\n$/,
    ),
  ]);
});

describe("a failure that the command line does not cause ends with status 1:", () => {
  test.each([
    ["verify", ["--sandbox", "never-was", "--destroyed"]],
    ["expire", []],
  ])("%s %j", async (command, args) => {
    const { code, stderr } = await run(command, args, "/nowhere");
    expect([code, stderr]).toEqual([1, expect.not.stringMatching(/^ +at /m)]);
  });
});

describe("a missing pulumi", () => {
  test("makes verify suggest a sandbox", async () => {
    const { code, stderr } = await run("verify", ["--stack", "nope"], "/nowhere");
    expect([code, stderr.split("\n")]).toEqual([
      1,
      [
        "Verifying stack nope …",
        expect.stringMatching(/^pulumi is not on PATH. Install it: https:/),
        "Or verify a sandbox: npm run -s verify -- --sandbox",
        "",
      ],
    ]);
  });

  test("makes doctor look for the stack's file", async () => {
    const { code, stderr } = await run("doctor", ["--stack", "nope"], "/nowhere");
    expect([code, stderr.split("\n")]).toEqual([
      1,
      [
        "Checking what stack nope needs …",
        expect.stringMatching(/^pulumi is not on PATH. Install it: https:/),
        expect.stringMatching(/^There is no Pulumi\.nope\.yaml; .* are: dev, /),
        "",
      ],
    ]);
  });
});

describe("a stack that imports from Pulumi ESC", () => {
  // A sandbox's name: no plan looks for its file.
  const stack = `sandbox-unit-esc-${process.pid}`;
  const file = join(root, `Pulumi.${stack}.yaml`);
  beforeAll(() => {
    const lines = ["environment: [shared, acme/prod]", "config:", "  oke-ambient-mesh:stage: l4"];
    writeFileSync(file, `${lines.join("\n")}\n`);
  });
  afterAll(() => rmSync(file));

  test.each(["doctor", "verify"])(
    "is not examined without its values: %s says who could not open the environments",
    async (command) => {
      const refusal = "error: opening environment: [403] forbidden";
      const path = simulatedPulumi(`config*) echo "${refusal}" >&2; exit 255;;`);
      for (const [PATH, why] of [
        [path, refusal],
        ["/nowhere", "pulumi is not on PATH. Install it: https:"],
      ] as const) {
        const { code, stderr } = await run(command, ["--stack", stack], PATH);
        expect(code).toBe(1);
        expect(stderr).toContain(
          `Pulumi.${stack}.yaml imports from Pulumi ESC: shared, acme/prod. Only Pulumi can open these environments, and it could not:\n`,
        );
        expect(stderr).toContain(why);
      }
    },
  );

  test("is examined with the values that Pulumi opens", async () => {
    const value = JSON.stringify({ "oke-ambient-mesh:stage": { value: "l5", secret: false } });
    const path = simulatedPulumi(`config*) echo '${value}';;`);
    const { code, stdout } = await run("doctor", ["--stack", stack], path);
    expect([code, stdout]).toEqual([1, expect.stringContaining('stage = "l5"')]);
  });
});

describe("a mistake in an encrypted setting", () => {
  const meshConfig = { defaultConfig: { tracing: { lightstep: { acessToken: "s3cret-token" } } } };
  const mesh = {
    imageHub: "https://s3cret.example.com/istio",
    helmValues: { istiod: { meshConfig } },
  };
  const entries = {
    "oke-ambient-mesh:cluster": { value: "existing", secret: false },
    "oke-ambient-mesh:mesh": { value: JSON.stringify(mesh), objectValue: mesh, secret: true },
  };

  test.each(["doctor", "verify"])("is named by %s without the value", async (command) => {
    const path = simulatedPulumi(`config*) echo '${JSON.stringify(entries)}';;`);
    const { stdout, stderr } = await run(command, ["--stack", "local"], path);
    expect(stdout + stderr).toContain('mesh.imageHub = "[secret]": ');
    expect(stdout + stderr).toContain('acessToken = "[secret]": ');
    expect(stdout + stderr).not.toContain("s3cret");
  });
});

describe("the doctor", () => {
  test("says how to create an unknown stack", async () => {
    const path = simulatedPulumi(
      `config*) echo "error: no stack named 'nope' found" >&2; exit 6;;`,
    );
    const { code, stderr } = await run("doctor", ["--stack", "org/oke-ambient-mesh/nope"], path);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^Checking what stack org\/oke-ambient-mesh\/nope needs …\nThere is no stack org\/oke-ambient-mesh\/nope, and no Pulumi\.nope\.yaml; .*dev, .* Create it with: pulumi stack init org\/oke-ambient-mesh\/nope\n$/,
      ),
    ]);
  });

  test("prints its usage with -h", async () => {
    const { code, stdout, stderr } = await run("doctor", ["-h"]);
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^npm run doctor /), ""]);
  });

  test("does not show what Oracle's SDK writes to the console while it looks for an identity", async () => {
    // As its retries of a request do: https://github.com/oracle/oci-typescript-sdk/blob/master/lib/common/lib/retrier.ts
    const noisy = `
      import { createRequire } from "node:module";
      const common = createRequire(process.cwd() + "/")("oci-common");
      common.InstancePrincipalsAuthenticationDetailsProviderBuilder.prototype.build = async () => {
        for (const level of ["log", "info", "warn"]) console[level]("Retrying request");
        throw new Error("no answer");
      };`;
    const { code, stdout, stderr } = await run("doctor", ["--stack", "dev", "--json"], undefined, {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(noisy)}`,
      TF_VAR_auth: "InstancePrincipal",
    });
    const { rows } = JSON.parse(stdout) as { rows: { check: string; found: string }[] };
    expect([code, stderr]).toEqual([1, "Checking what stack dev needs …\n"]);
    expect(rows.find(({ check }) => check === "identity")?.found).toContain("(no answer)");
  });

  test("rejects arguments", async () => {
    expect(await run("doctor", ["dev"])).toMatchObject({
      code: 2,
      stderr: 'Unexpected argument "dev"; see --help.\n',
    });
  });
});
