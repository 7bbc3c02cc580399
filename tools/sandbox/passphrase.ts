import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { backendEnvironment } from "../stacks/sandbox-backend.js";
import { SettingsFile } from "../stacks/settings-file.js";

/**
 * Gives a sandbox its passphrase, unless it has one.
 *
 * Its settings stand outside of its folder and may outlive it: what they hold encrypted by the one
 * before nobody can read, and the engine refuses a stack for it as long as it is there.
 *
 * @returns the settings that were taken out, as a person types them.
 */
export function ensurePassphrase(name: string): string[] {
  const { PULUMI_CONFIG_PASSPHRASE_FILE: file } = backendEnvironment(name);
  if (existsSync(file)) return [];
  const settings = SettingsFile.read(name);
  const lost = settings.dropEncrypted();
  settings.save();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return lost;
}
