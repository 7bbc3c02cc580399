import { parseSettings } from "../../components/settings/parse.js";
import { encryptedIn } from "../../components/settings/stack-file.js";
import { ownKeys, ownNames, type Settings } from "../../components/settings/types.js";
import type { StackValues } from "./stack-config.js";

// Apart from stack-config.ts: the checks of settings load Pulumi's SDK, for which a command's first line must not wait.

/**
 * The settings in a stack's configuration.
 *
 * @throws SettingsError with all problems of the configuration.
 */
export function parseStackSettings({ config, secretKeys = [], file }: StackValues): Settings {
  const keys = ownNames(secretKeys);
  return parseSettings(ownKeys(config), keys, encryptedIn(file, keys));
}
