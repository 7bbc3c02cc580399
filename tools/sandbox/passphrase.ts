import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { backendEnvironment } from "../stacks/sandbox-backend.js";
import { SettingsFile } from "../stacks/settings-file.js";

/**
 * Creates a sandbox's passphrase, unless it has one.
 *
 * Its settings file is outside of its folder and may outlive it. Values encrypted by a lost passphrase cannot be read,
 * and the engine refuses the stack while they are there, so they are removed.
 *
 * @returns the removed settings, as a person types them.
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
