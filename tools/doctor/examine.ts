import { problemsOf } from "../../components/existing/checks.js";
import { inspect } from "../../components/existing/inspect.js";
import { identityEnvironmentOf } from "../../components/oke/oci/identity-environment.js";
import { request } from "../../components/oke/oci/rest.js";
import { loadIdentity } from "../../components/oke/token/identity.js";
import type { Environment } from "../../components/oke/token/identity.js";
import { parseSettings } from "../../components/settings/parse.js";
import { SettingsError } from "../../components/settings/problems.js";
import { ownKeys } from "../../components/settings/types.js";
import type { Settings } from "../../components/settings/types.js";
import type { Ask } from "./limits.js";
import { ociRows } from "./oci.js";
import { failed } from "./check-result.js";
import type { CheckResult } from "./check-result.js";
import { sourceRows } from "./sources.js";
import type { StackConfig } from "./stack.js";
import { toolRows } from "./tools.js";
import type { Tools } from "./tools.js";

/** Checks everything that a first `up` of the stack needs. Changes nothing. */
export async function examine(
  { stack, config }: StackConfig,
  tools: Tools,
  env: Environment = process.env,
): Promise<CheckResult[]> {
  const rows = toolRows(tools);
  const settings = settingsOf(config, rows);
  if (!settings) return rows;
  const [target, sources] = await Promise.all([
    settings.cluster === "oke" ? okeRows(settings, { stack, config }, env) : existingRows(settings),
    sourceRows(settings),
  ]);
  return [...rows, ...target, ...sources];
}

function settingsOf(config: Record<string, unknown>, rows: CheckResult[]): Settings | undefined {
  const check = "configuration";
  try {
    const settings = parseSettings(ownKeys(config));
    rows.push({
      check,
      state: "ok",
      found: `cluster ${settings.cluster}, stage ${settings.stage}`,
    });
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    rows.push({
      check,
      state: "problem",
      found: `${error.problems.length} ${error.problems.length === 1 ? "value is" : "values are"} invalid`,
      remedy: error.message
        .split("\n")
        .slice(1, -1)
        .map((line) => line.trim())
        .join("\n"),
    });
    return undefined;
  }
}

async function okeRows(
  settings: Settings,
  { stack, config }: StackConfig,
  env: Environment,
): Promise<CheckResult[]> {
  const check = "identity";
  try {
    const environment = {
      ...env,
      ...identityEnvironmentOf((key) => {
        const value = config[`oci:${key}`];
        // In the stack's file a secret is an object with its ciphertext.
        return typeof value === "string" ? value : value ? "secret" : undefined;
      }),
    };
    const identity = await loadIdentity(environment);
    const { region } = identity;
    if (!region) {
      return [
        { check, state: "ok", found: identity.source },
        {
          check: "region",
          state: "problem",
          found: "not configured",
          remedy:
            "pulumi config set oci:region <region>, or region in the profile of ~/.oci/config",
        },
      ];
    }
    const ask: Ask = (service, path) =>
      request({ identity, region, env: environment }, "GET", service, path);
    return [
      { check, state: "ok", found: identity.source },
      ...(await ociRows(ask, settings, { identity, region, stack })),
    ];
  } catch (error) {
    const lines = error instanceof Error ? error.message.split("\n") : [];
    return [failed(check, error, lines.slice(1).join("\n"))];
  }
}

async function existingRows(settings: Settings): Promise<CheckResult[]> {
  const check = "cluster";
  try {
    const facts = await inspect(settings.existing);
    const problems = problemsOf(facts, settings);
    if (problems.length > 0) {
      return problems.map((problem) => failed(check, new Error(problem)));
    }
    return [{ check, state: "ok", found: `${facts.name}, Kubernetes ${facts.kubernetesVersion}` }];
  } catch (error) {
    const lines = error instanceof Error ? error.message.split("\n") : [];
    return [failed(check, error, lines.slice(1).join("\n"))];
  }
}
