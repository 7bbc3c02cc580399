import { execFile } from "node:child_process";
import { generateKeyPairSync, verify } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, describe, expect, test } from "@jest/globals";

import {
  readToken,
  tokenFile,
  tokenFolder,
  writeToken,
} from "../../../components/oke/token/cache.js";
import { loadIdentity } from "../../../components/oke/token/identity.js";
import {
  clusterToken,
  execCredential,
  requestedVersion,
} from "../../../components/oke/token/token.js";

const folder = mkdtempSync(join(tmpdir(), "token-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const clusterId = "ocid1.cluster.oc1.phx.aaaa";
const at = { clusterId, region: "us-phoenix-1", now: new Date("2026-11-01T12:00:00.500Z") };

/** Parses a token as OKE does. */
function opened(token: string) {
  const url = new URL(Buffer.from(token, "base64url").toString());
  const authorization = url.searchParams.get("authorization") ?? "";
  const date = url.searchParams.get("date") ?? "";
  const field = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(authorization)?.[1] ?? "";
  const signed = field("headers")
    .split(" ")
    .map(
      (header) =>
        `${header}: ${{ date, "(request-target)": `get ${url.pathname}`, host: url.host }[header]}`,
    )
    .join("\n");
  return { url, date, field, signed, signature: Buffer.from(field("signature"), "base64") };
}

describe("a token", () => {
  const token = clusterToken(at, { keyId: "t/u/f", privateKey });

  test("is a request to OKE for this cluster, signed with the key", () => {
    const { url, date, field, signed, signature } = opened(token);
    expect(url.origin + url.pathname).toBe(
      `https://containerengine.us-phoenix-1.oraclecloud.com/cluster_request/${clusterId}`,
    );
    expect(date).toBe("Sun, 01 Nov 2026 12:00:00 GMT");
    expect(field("keyId")).toBe("t/u/f");
    expect(field("headers")).toBe("date (request-target) host");
    expect(verify("RSA-SHA256", Buffer.from(signed), publicKey, signature)).toBe(true);
  });

  test.each([
    ["cluster", (signed: string) => signed.replace(clusterId, "ocid1.cluster.oc1.phx.other")],
    ["date", (signed: string) => signed.replace("12:00:00", "12:00:01")],
    ["host", (signed: string) => signed.replace("phoenix", "ashburn")],
  ])("is not valid for another %s", (_, changed) => {
    const { signed, signature } = opened(token);
    expect(changed(signed)).not.toBe(signed);
    expect(verify("RSA-SHA256", Buffer.from(changed(signed)), publicKey, signature)).toBe(false);
  });

  test("is URL-safe base64 with padding, like the oci command's", () => {
    for (const keyId of ["a", "ab", "abc"]) {
      const one = clusterToken(at, { keyId, privateKey });
      expect(one).toMatch(/^[\w-]+={0,2}$/);
      expect(one.length % 4).toBe(0);
    }
  });

  test("can be signed with an encrypted key, but not with a wrong passphrase", () => {
    const encrypted = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
    });
    const signer = { keyId: "t/u/f", privateKey: encrypted.privateKey };
    const { signed, signature } = opened(clusterToken(at, { ...signer, passphrase: "x" }));
    expect(verify("RSA-SHA256", Buffer.from(signed), encrypted.publicKey, signature)).toBe(true);
    expect(() => clusterToken(at, { ...signer, passphrase: "y" })).toThrow();
  });

  test("is printed in the client's version of the protocol", () => {
    const expires = new Date("2026-11-01T12:04:00.500Z");
    expect(execCredential("abc", expires)).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "abc", expirationTimestamp: "2026-11-01T12:04:00Z" },
    });
    const v1beta1 = "client.authentication.k8s.io/v1beta1";
    expect(requestedVersion(JSON.stringify({ apiVersion: v1beta1, spec: {} }))).toBe(v1beta1);
    expect(requestedVersion(undefined)).toBe("client.authentication.k8s.io/v1");
    expect(requestedVersion("{")).toBe("client.authentication.k8s.io/v1");
  });
});

describe("a cached token", () => {
  const file = tokenFile(join(folder, "kept", "tokens"), "identity", clusterId, "us-phoenix-1");
  const expires = new Date("2026-11-01T12:04:00Z");

  test("is used until a minute before it expires, and only its owner can read it", () => {
    writeToken(file, { token: "abc", expires });
    expect(readToken(file, new Date("2026-11-01T12:02:59Z"))).toEqual({ token: "abc", expires });
    expect(readToken(file, new Date("2026-11-01T12:03:00Z"))).toBeUndefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(file, ".."))).toHaveLength(1);
  });

  test("is separate for each identity, cluster and region", () => {
    const files = [
      ["a", "b", "c"],
      ["a", "b", "d"],
      ["a", "x", "c"],
      ["x", "b", "c"],
    ].map((identity) => tokenFile("/", ...identity));
    expect(new Set(files).size).toBe(4);
  });

  test("is ignored if it is damaged", () => {
    writeFileSync(file, "{");
    expect(readToken(file)).toBeUndefined();
  });

  test("is skipped without an error if the folder is not writable", () => {
    const inAFile = join(folder, "not-a-folder");
    writeFileSync(inAFile, "");
    expect(() => writeToken(join(inAFile, "t.json"), { token: "a", expires })).not.toThrow();
  });

  test("is in the user's cache folder", () => {
    expect(tokenFolder({ XDG_CACHE_HOME: "/cache" })).toBe("/cache/oke-ambient-mesh/tokens");
  });
});

describe("the identity", () => {
  const home = join(folder, "home");
  mkdirSync(join(home, ".oci"), { recursive: true });
  const keyPath = join(home, "key.pem");
  writeFileSync(keyPath, privateKey);
  writeFileSync(join(home, ".oci", "session"), "SESSION\n");
  writeFileSync(
    join(home, ".oci", "config"),
    `[DEFAULT]
tenancy=ocid1.tenancy.oc1..file
user=ocid1.user.oc1..file
fingerprint=aa:bb
key_file=~/key.pem
region=eu-frankfurt-1
[SESSION]
tenancy=ocid1.tenancy.oc1..file
fingerprint=aa:bb
key_file=~/key.pem
security_token_file=~/.oci/session
region=eu-zurich-1
[ZURICH] # as DEFAULT, elsewhere
Region=zrh
`,
  );
  const half = join(folder, "half");
  mkdirSync(join(half, ".oci"), { recursive: true });
  writeFileSync(join(half, ".oci", "config"), "[HALF]\ntenancy=ocid1.tenancy.oc1..file\n");
  writeFileSync(join(home, "other"), "[OTHER]\nuser=ocid1.user.oc1..file\n");
  const inEnvironment = {
    TF_VAR_tenancy_ocid: "ocid1.tenancy.oc1..env",
    TF_VAR_user_ocid: "ocid1.user.oc1..env",
    TF_VAR_fingerprint: "cc:dd",
    TF_VAR_private_key_path: keyPath,
    OCI_REGION: "us-phoenix-1",
  };

  test("prefers the environment to the file", async () => {
    const identity = await loadIdentity(inEnvironment, home);
    expect(await identity.provider.getKeyId()).toBe(
      "ocid1.tenancy.oc1..env/ocid1.user.oc1..env/cc:dd",
    );
    expect(identity).toMatchObject({
      region: "us-phoenix-1",
      source: "API key of the environment",
    });
  });

  test("prefers TF_VAR_ to OCI_, field by field", async () => {
    const env = {
      TF_VAR_region: "us-ashburn-1",
      OCI_REGION: "x",
      OCI_USER_OCID: "u",
      OCI_AUTH: "",
    };
    const identity = await loadIdentity(env, home);
    expect(identity.region).toBe("us-ashburn-1");
    expect(await identity.provider.getKeyId()).toBe("ocid1.tenancy.oc1..file/u/aa:bb");
  });

  test("is read from the file's profile, with a path relative to home", async () => {
    const identity = await loadIdentity({}, home);
    expect(await identity.provider.getKeyId()).toBe(
      "ocid1.tenancy.oc1..file/ocid1.user.oc1..file/aa:bb",
    );
    expect(identity.provider.getPrivateKey()).toBe(privateKey);
    expect(identity.region).toBe("eu-frankfurt-1");
  });

  test("takes from DEFAULT what the profile lacks, whatever follows its name, and a region by its short code", async () => {
    const identity = await loadIdentity({ OCI_CONFIG_FILE_PROFILE: "ZURICH" }, home);
    expect(await identity.provider.getKeyId()).toBe(
      "ocid1.tenancy.oc1..file/ocid1.user.oc1..file/aa:bb",
    );
    expect(identity.region).toBe("eu-zurich-1");
  });

  test.each([
    ["iad", "us-ashburn-1"],
    ["FRA", "eu-frankfurt-1"],
    ["EU-FRANKFURT-1", "eu-frankfurt-1"],
    ["eu-frankfurt-1", "eu-frankfurt-1"],
    ["xx-new-1", "xx-new-1"],
  ])("has for region %s the region %s", async (OCI_REGION, region) => {
    expect((await loadIdentity({ OCI_REGION }, home)).region).toBe(region);
  });

  test.each([{}, { OCI_AUTH: "SecurityToken" }])(
    "is the session token of a profile that has one (%j)",
    async (env) => {
      const identity = await loadIdentity({ ...env, OCI_CONFIG_FILE_PROFILE: "SESSION" }, home);
      expect(await identity.provider.getKeyId()).toBe("ST$SESSION");
      expect(identity.region).toBe("eu-zurich-1");
    },
  );

  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      "nothing",
      {},
      "nowhere",
      /tenancy_ocid, user_ocid, fingerprint.*not found.*which does not exist/s,
    ],
    [
      "half a profile",
      { OCI_CONFIG_FILE_PROFILE: "HALF" },
      half,
      /user_ocid, fingerprint, private/,
    ],
    [
      "an unknown profile",
      { OCI_CONFIG_FILE_PROFILE: "DEMO" },
      home,
      /It has: DEFAULT, SESSION, ZURICH/,
    ],
    [
      "a profile without its file",
      { OCI_CONFIG_FILE_PROFILE: "DEMO" },
      "nowhere",
      /Profile DEMO is configured, but nowhere.* does not exist/,
    ],
    ["an unknown kind", { OCI_AUTH: "password" }, home, /expected ApiKey, SecurityToken/],
    ["no session", { OCI_AUTH: "SecurityToken" }, home, /oci session authenticate/],
    [
      "a key file that is gone",
      { TF_VAR_private_key_path: "/gone.pem" },
      home,
      /\/gone\.pem does not exist\. It is the TF_VAR_private_key_path\./,
    ],
    [
      "a resource principal elsewhere",
      { OCI_AUTH: "ResourcePrincipal" },
      home,
      /exists only on OCI/,
    ],
    [
      "a file without the default profile",
      { OCI_CONFIG_FILE: join(home, "other") },
      home,
      /profile DEFAULT of .*, which has only: OTHER \(choose with oci:configFileProfile\)\./,
    ],
  ])("is reported missing: %s", async (_, env, place, words) => {
    await expect(loadIdentity(env, place)).rejects.toThrow(words);
  });
});

describe("the token helper", () => {
  const cli = ["--import", "tsx", "components/oke/token/cli.ts"];
  const run = (args: string[], env: Record<string, string>) =>
    promisify(execFile)("node", [...cli, ...args], {
      env: { PATH: process.env["PATH"], HOME: join(folder, "nobody"), ...env },
    });
  const args = ["--cluster-id", clusterId, "--region", "us-phoenix-1"];

  test("prints only the credential if a file has no DEFAULT profile", async () => {
    const file = join(folder, "other-profile");
    writeFileSync(
      file,
      `[OTHER]\ntenancy=t\nuser=u\nfingerprint=f\nkey_file=${folder}/home/key.pem\n`,
    );
    const env = {
      OCI_CONFIG_FILE: file,
      OCI_CONFIG_FILE_PROFILE: "OTHER",
      XDG_CACHE_HOME: join(folder, "cache-of-other"),
    };
    expect(JSON.parse((await run(args, env)).stdout)).toHaveProperty("status.token");
  }, 20_000);

  test("signs with what a profile with a region alone takes from DEFAULT", async () => {
    const file = join(folder, "profiles");
    const whole = `tenancy=t\nuser=u\nfingerprint=f\nkey_file=${folder}/home/key.pem\n`;
    writeFileSync(file, `[DEFAULT]\n${whole}region=eu-frankfurt-1\n[ZURICH]\nregion=zrh\n`);
    const env = {
      OCI_CONFIG_FILE: file,
      OCI_CONFIG_FILE_PROFILE: "ZURICH",
      XDG_CACHE_HOME: join(folder, "cache-of-zurich"),
    };
    const { stdout } = await run(["--cluster-id", clusterId], env);
    const { url, field } = opened(JSON.parse(stdout).status.token);
    expect(url.host).toBe("containerengine.eu-zurich-1.oraclecloud.com");
    expect(field("keyId")).toBe("t/u/f");
  }, 20_000);

  const ofEnvironment = {
    TF_VAR_tenancy_ocid: "t",
    TF_VAR_user_ocid: "u",
    TF_VAR_fingerprint: "f",
    TF_VAR_private_key: privateKey,
  };

  test("loads only one file of Oracle's SDK, because each provider of each operation waits for it", async () => {
    const loaded = join(folder, "loaded");
    const env = {
      ...ofEnvironment,
      ...{ XDG_CACHE_HOME: join(folder, "cache-of-loaded"), LOADED: loaded },
      NODE_OPTIONS: "--import=./tests/components/oke/loaded.mjs",
    };
    await run(args, env);
    const packages = readFileSync(loaded, "utf8").split(/.*\/node_modules\/|\n/);
    expect(packages.filter((file) => file && !/^(\/|tsx|esbuild)/.test(file))).toEqual([
      "oci-common/lib/auth/auth.js",
    ]);
  }, 20_000);

  test("prints a credential, and the same one while it is valid", async () => {
    const env = { ...ofEnvironment, XDG_CACHE_HOME: join(folder, "cache") };
    const first = await run(args, env);
    const { status } = JSON.parse(first.stdout);
    const { signed, signature } = opened(status.token);
    expect(verify("RSA-SHA256", Buffer.from(signed), publicKey, signature)).toBe(true);
    const minutes = (new Date(status.expirationTimestamp).getTime() - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(3);
    expect(minutes).toBeLessThanOrEqual(4);
    expect((await run(args, env)).stdout).toBe(first.stdout);
  }, 20_000);

  test("prints nothing else on stdout, not even for a file without DEFAULT", async () => {
    const home = join(folder, "only-demo");
    mkdirSync(join(home, ".oci"), { recursive: true });
    writeFileSync(join(home, "key.pem"), privateKey);
    writeFileSync(
      join(home, ".oci", "config"),
      "[DEMO]\ntenancy=t\nuser=u\nfingerprint=f\nkey_file=~/key.pem\n",
    );
    const { stdout } = await run(args, { HOME: home, OCI_CONFIG_FILE_PROFILE: "DEMO" });
    expect(JSON.parse(stdout)).toMatchObject({ kind: "ExecCredential" });
  }, 20_000);

  test("prints an error without a stack trace on stderr", async () => {
    const failure: { stdout: string; stderr: string; code: number } = await run(args, {}).then(
      () => {
        throw new Error("there was no identity");
      },
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 1, stdout: "" });
    expect(failure.stderr).toMatch(/^oke-ambient-mesh token: No OCI identity/);
    expect(failure.stderr).not.toMatch(/^\s+at /m);
  }, 20_000);
});
