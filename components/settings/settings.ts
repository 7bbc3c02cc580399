import * as pulumi from "@pulumi/pulumi";

import { parseSettings } from "./parse.js";
import type { Settings } from "./types.js";

export { parseSettings } from "./parse.js";
export { SettingsError } from "./problems.js";
export { reaches, stages } from "./types.js";
export type { Settings, Stage } from "./types.js";

/**
 * The stack's configuration as one validated object.
 *
 * @throws SettingsError with all problems of the configuration.
 */
export function loadSettings(): Settings {
  const prefix = `${pulumi.getProject()}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  const settings = parseSettings(Object.fromEntries(raw));
  return isConfigSecret(`${prefix}mesh`) ? withSecretValues(settings) : settings;
}

/**
 * Pulumi reports that a configuration object contains a secret, but not which field
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/config.ts). In `mesh` only the charts' values may
 * contain one, so all of them become secret.
 */
function withSecretValues(settings: Settings): Settings {
  const { mesh } = settings;
  const values = Object.entries(mesh.helmValues).map(([chart, chartValues]) => [
    chart,
    pulumi.secret(chartValues),
  ]);
  return { ...settings, mesh: { ...mesh, helmValues: Object.fromEntries(values) as HelmValues } };
}

type HelmValues = Settings["mesh"]["helmValues"];

/** The SDK exports it without a type. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
