import { problemsOf } from "../../components/existing/checks.js";
import { unlistedSentence, warningsOf } from "../../components/existing/warnings.js";
import { inspect } from "../../components/existing/inspect.js";
import { request } from "../../components/oke/oci/rest.js";
import type { Environment } from "../../components/oke/token/identity.js";
import type { Await } from "../command-line/heartbeat.js";
import { expiryText, isExpired } from "../../components/settings/expiry.js";
import { SettingsError } from "../../components/settings/problems.js";
import { ownKeys } from "../../components/settings/types.js";
import type { Settings } from "../../components/settings/types.js";
import type { Ask } from "./limits.js";
import { hiding } from "../stacks/hidden.js";
import type { StackValues } from "../stacks/stack-config.js";
import { parseStackSettings } from "../stacks/stack-settings.js";
import { identityRows } from "./identity.js";
import { ociRows, placeRows } from "./oci.js";
import { failed } from "./check-result.js";
import type { CheckResult } from "./check-result.js";
import { sourceRows } from "./sources.js";
import type { StackConfig } from "./stack.js";
import { toolRows } from "./tools.js";
import type { Tools } from "./tools.js";

/**
 * Checks everything that a first `up` of the stack needs. Changes nothing, and shows no encrypted value.
 *
 * @param during wraps each wait for an answer, so that a progress line can say who is being asked.
 */
export async function examine(
  config: StackConfig,
  tools: Tools,
  env: Environment = process.env,
  during: Await = (_, answer) => answer,
): Promise<CheckResult[]> {
  const rows = await examineAll(config, tools, env, during);
  const hide = hiding(config);
  return rows.map(({ found, remedy, ...row }) => ({
    ...row,
    found: hide(found),
    ...(remedy && { remedy: hide(remedy) }),
  }));
}

async function examineAll(
  { stack, ...values }: StackConfig,
  tools: Tools,
  env: Environment,
  during: Await,
): Promise<CheckResult[]> {
  const { config } = values;
  const rows = toolRows(tools);
  const inOci = (settings: Settings | undefined) =>
    during("OCI", okeRows(settings, { stack, config }, env));
  const settings = settingsOf(values, rows);
  if (!settings) {
    const isOke = ownKeys(config)["cluster"] !== "existing";
    return [...rows, ...(isOke ? await inOci(undefined) : [])];
  }
  const [target, sources] = await Promise.all([
    settings.cluster === "oke" ? inOci(settings) : during("the cluster", existingRows(settings)),
    during("the sources of the charts and the Gateway API", sourceRows(settings)),
  ]);
  return [...rows, ...target, ...sources];
}

function settingsOf(values: StackValues, rows: CheckResult[]): Settings | undefined {
  const check = "configuration";
  try {
    const settings = parseStackSettings(values);
    rows.push({
      check,
      state: "ok",
      found: `cluster ${settings.cluster}, stage ${settings.stage}`,
    });
    if (settings.expiresAt) rows.push(expiryRow(settings.expiresAt));
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

function expiryRow(expiresAt: string): CheckResult {
  const row = { check: "expiry", found: expiryText(expiresAt) };
  if (!isExpired(expiresAt)) return { ...row, state: "ok" };
  return { ...row, state: "warning", remedy: "Extend it with: npm run expire -- --in 8h" };
}

/** @param settings undefined if the configuration is incomplete: then only what does not depend on it is checked. */
async function okeRows(
  settings: Settings | undefined,
  { stack, config }: StackConfig,
  env: Environment,
): Promise<CheckResult[]> {
  const { rows, caller } = await identityRows(config, env);
  if (!caller) return rows;
  const ask: Ask = (service, path) => request(caller, "GET", service, path);
  if (settings) return [...rows, ...(await ociRows(ask, settings, { ...caller, stack }))];
  const { compartmentId } = ownKeys(config);
  return [...rows, ...(await placeRows(ask, caller, compartmentId))];
}

async function existingRows(settings: Settings): Promise<CheckResult[]> {
  const check = "cluster";
  try {
    const facts = await inspect(settings);
    const { unlisted } = facts.present;
    const problems = problemsOf(facts, settings).map((found) => failed(check, new Error(found)));
    const state = "warning" as const;
    const warnings = warningsOf(facts, settings).map((found) => ({ check, state, found }));
    const found = `${facts.name}, Kubernetes ${facts.kubernetesVersion}`;
    return [
      ...(problems.length > 0 ? problems : [{ check, state: "ok" as const, found }]),
      ...warnings,
      ...(unlisted.length > 0 ? [uncheckedRow(check, unlisted)] : []),
    ];
  } catch (error) {
    const lines = error instanceof Error ? error.message.split("\n") : [];
    return [failed(check, error, lines.slice(1).join("\n"))];
  }
}

const uncheckedRow = (check: string, unlisted: string[]): CheckResult => ({
  check,
  state: "not checked",
  found: unlistedSentence(unlisted),
});
