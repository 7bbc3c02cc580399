import * as pulumi from "@pulumi/pulumi";

import { parseSettings } from "./parse.js";
import type { Settings } from "./types.js";

export { parseSettings } from "./parse.js";
export { SettingsError } from "./problems.js";
export { reaches, stages } from "./types.js";
export type { Settings, Stage } from "./types.js";

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
  const settings = parseSettings(Object.fromEntries(raw));
  return isConfigSecret(`${prefix}mesh`) ? withSecretValues(settings) : settings;
}

/**
 * Of an object in configuration Pulumi tells only whether something in it is encrypted, not what
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/config.ts). In `mesh` the charts'
 * values are what may hold a token: all of them stay secret then, in the state and in a preview.
 */
function withSecretValues(settings: Settings): Settings {
  const { mesh } = settings;
  const values = Object.entries(mesh.helmValues).map(([chart, own]) => [chart, pulumi.secret(own)]);
  return { ...settings, mesh: { ...mesh, helmValues: Object.fromEntries(values) as HelmValues } };
}

type HelmValues = Settings["mesh"]["helmValues"];

/** Exported by the SDK and left out of its types. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
