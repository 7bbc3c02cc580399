import * as pulumi from "@pulumi/pulumi";

import { isSecretKey, sealRegistrations } from "../resources/sealing.js";
import { derivedTexts, sealedProperties } from "./flows.js";
import { parseSettings } from "./parse.js";
import { encryptedIn, readStackFile, secretValues, type StackFile } from "./stack-file.js";
import type { Settings } from "./types.js";

export { parseSettings } from "./parse.js";
export { SettingsError } from "./problems.js";
export { reaches, stages } from "./types.js";
export type { Settings, Stage } from "./types.js";

/**
 * The stack's configuration as one validated object. From now on, its encrypted values stay encrypted in every resource.
 *
 * @param file the stack's file. Default: `Pulumi.<stack>.yaml` in the project's folder.
 * @throws SettingsError with all problems of the configuration.
 */
export function loadSettings(file?: StackFile): Settings {
  const prefix = `${pulumi.getProject()}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  const secretKeys = raw.map(([key]) => key).filter((key) => isSecretKey(prefix + key));
  const values = Object.fromEntries(raw);
  if (secretKeys.length === 0) {
    sealRegistrations();
    return parseSettings(values);
  }
  const known = file ?? readStackFile(pulumi.getStack());
  const settings = parseSettings(values, secretKeys, encryptedIn(known, secretKeys));
  const secret = secretValues(values, secretKeys, known);
  sealRegistrations(sealedProperties(secret), derivedTexts(secret));
  return secretKeys.includes("mesh") ? withSecretValues(settings) : settings;
}

/** Which of the charts' values is the secret is unknown, so all of them become secret. */
function withSecretValues(settings: Settings): Settings {
  const { mesh } = settings;
  const values = Object.entries(mesh.helmValues).map(([chart, chartValues]) => [
    chart,
    pulumi.secret(chartValues),
  ]);
  return { ...settings, mesh: { ...mesh, helmValues: Object.fromEntries(values) as HelmValues } };
}

type HelmValues = Settings["mesh"]["helmValues"];
