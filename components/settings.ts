import * as pulumi from "@pulumi/pulumi";

import { parseSettings } from "./settings/parse.js";
import type { Settings } from "./settings/types.js";

export { parseSettings } from "./settings/parse.js";
export { SettingsError } from "./settings/problems.js";
export { charts, reaches, stages } from "./settings/types.js";
export type { Chart, Settings, Stage } from "./settings/types.js";

/**
 * The stack's configuration as one checked object.
 *
 * @throws SettingsError with every problem of the configuration in one message, without a stack trace.
 */
export function loadSettings(): Settings {
  const prefix = `${pulumi.getProject()}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  return parseSettings(Object.fromEntries(raw));
}
