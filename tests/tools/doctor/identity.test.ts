import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import { apiKey } from "../../../emulator/oci/tenancy/identity.js";
import { identityRows } from "../../../tools/doctor/identity.js";

const folder = mkdtempSync(join(tmpdir(), "doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the OCI configuration file", () => {
  const key = apiKey(folder);
  const notes = join(folder, "notes.txt");
  writeFileSync(notes, "my key");
  /** The row about the identity of a profile with these lines. */
  const identity = async (
    lines: string[],
    more: Record<string, string> = {},
    config: Record<string, unknown> = {},
  ) => {
    const file = join(folder, "oci-config");
    writeFileSync(file, `${lines.join("\n")}\n`);
    const env = { OCI_CONFIG_FILE: file, HOME: folder, ...more };
    const { rows, caller } = await identityRows(config, env);
    expect([rows.length, rows[0]?.state, caller]).toEqual([1, "problem", undefined]);
    return { found: rows[0]?.found, remedy: rows[0]?.remedy, file };
  };
  const profile = (changes: Record<string, string> = {}) => [
    "[DEFAULT]",
    ...Object.entries({
      user: "ocid1.user.oc1..one",
      tenancy: "ocid1.tenancy.oc1..one",
      fingerprint: key.fingerprint,
      key_file: key.path,
      region: "eu-frankfurt-1",
      ...changes,
    }).map((pair) => pair.join("=")),
  ];

  test("gives a profile with a region alone the rest of DEFAULT, also if the stack selects it", async () => {
    const file = join(folder, "profiles");
    writeFileSync(file, `${profile().join("\n")}\n[ZURICH]\nregion=zrh\n`);
    const env = { OCI_CONFIG_FILE: file, HOME: folder };
    for (const [more, config] of [
      [{ OCI_CONFIG_FILE_PROFILE: "ZURICH" }, {}],
      [{}, { "oci:configFileProfile": "ZURICH" }],
    ] as const) {
      const { rows, caller } = await identityRows(config, { ...env, ...more });
      expect(rows).toMatchObject([{ check: "identity", state: "ok" }]);
      expect(caller?.region).toBe("eu-zurich-1");
      expect(caller?.identity.tenancyId).toBe("ocid1.tenancy.oc1..one");
    }
  });

  test("is named with the line that is none of its format, but without its text", async () => {
    const { found, remedy, file } = await identity(["# mine", "[DEFAULT]", "s3cret"]);
    expect(found).toBe(
      `${file}, line 3: this line is neither a [profile], a key=value pair, nor a # comment.`,
    );
    expect(remedy).toContain("oci setup config");
    expect((await identity(["user=x"])).found).toContain("line 1: this line is before");
  });

  test("is named where it has a key file that does not exist", async () => {
    const { found, remedy, file } = await identity(profile({ key_file: "/gone.pem" }));
    expect(found).toBe(
      `/gone.pem does not exist. It is the key_file of profile DEFAULT in ${file}.`,
    );
    expect(remedy).toContain("oci setup keys");
  });

  test("is named where it has another key's fingerprint, with the right one", async () => {
    const { found, remedy, file } = await identity(profile({ fingerprint: "00:11" }));
    expect(found).toBe(
      `fingerprint 00:11 does not belong to the key in ${key.path}, whose fingerprint is ${key.fingerprint}`,
    );
    expect(remedy).toContain(
      `Correct fingerprint of profile DEFAULT in ${file}: ${key.fingerprint}.`,
    );
    const inEnvironment = await identity(profile(), { OCI_FINGERPRINT: "00:11" });
    expect(inEnvironment.remedy).toContain("Correct OCI_FINGERPRINT: ");
    const inStack = await identity(profile(), {}, { "oci:fingerprint": "00:11" });
    expect(inStack.remedy).toContain("Correct oci:fingerprint in the configuration: ");
  });

  test("has a key that can't be read without its passphrase, or is none", async () => {
    const encrypted = join(folder, "encrypted.pem");
    const cipher = { cipher: "aes-256-cbc", passphrase: "x" };
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(encrypted, privateKey.export({ type: "pkcs8", format: "pem", ...cipher }));
    const lacking = profile({ key_file: encrypted });
    expect((await identity(lacking)).found).toMatch(/is encrypted, and no passphrase/);
    const wrong = profile({ key_file: encrypted, pass_phrase: "y" });
    expect((await identity(wrong)).found).toMatch(/can't be decrypted/);
    expect((await identity(profile({ key_file: notes }))).found).toMatch(/no private key in PEM/);
  });
});
