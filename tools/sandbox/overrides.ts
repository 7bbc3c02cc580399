import { parseSettings } from "../../components/settings/parse.js";
import { line, type Problem, SettingsError } from "../../components/settings/problems.js";
import { parsePath } from "../stacks/property-path.js";
import type { SettingsFile } from "../stacks/settings-file.js";
import { ToolError, UsageError } from "../command-line/errors.js";
import { compartmentId } from "../../emulator/oci/tenancy/identity.js";
import type { Options } from "./options.js";

/** What a command line changes in a sandbox's settings. */
export type SettingChanges = Pick<Options, "stage" | "config">;

/** The settings of a sandbox whose user has chosen none. */
export function setDefaults(settings: SettingsFile): void {
  settings.set([["cluster"], "oke"], "unless set");
  settings.set([["compartmentId"], compartmentId], "unless set");
  settings.set([["network", "apiAllowedCidrs"], ["127.0.0.1/32"]], "unless set");
  settings.set([["stage"], "traffic"], "unless set");
}

/**
 * Applies a command line's settings; an empty value removes a setting.
 *
 * @param own restores the sandbox's own settings where a person's are removed.
 * @throws ToolError for a field of a value that has no fields.
 */
export function applyOverrides(
  settings: SettingsFile,
  { stage, config }: SettingChanges,
  own: (settings: SettingsFile) => void,
): void {
  const values = [...new Map(config)];
  for (const [path, value] of values) if (value === "") settings.remove(parsePath(path));
  own(settings);
  if (stage) settings.set([["stage"], stage]);
  for (const [path, value] of values) if (value !== "") settings.set([parsePath(path), value]);
}

/**
 * Checks what a command line would set, on a copy of the settings that is not saved.
 *
 * Problems that exist without it, or that only seem to because a value is encrypted, are the program's to report.
 *
 * @throws UsageError naming every problem that the command line would introduce.
 */
export function checkOverrides(settings: SettingsFile, changes: SettingChanges): void {
  // A problem counts as new even if the settings already had it under the same key.
  for (const [path, value] of changes.config) if (value !== "") settings.remove(parsePath(path));
  setDefaults(settings);
  const before = problemsOf(settings).map(line);
  try {
    applyOverrides(settings, changes, setDefaults);
  } catch (error) {
    throw error instanceof ToolError ? new UsageError(error.message) : error;
  }
  const wrong = problemsOf(settings)
    .map(line)
    .filter((problem) => !before.includes(problem));
  if (wrong.length === 0) return;
  throw new UsageError(
    ["--config does not fit the settings:", ...wrong, "Nothing was changed. " + help].join("\n"),
  );
}

const help = "`--config <key>=` removes a setting; Pulumi.yaml describes the keys.";

function problemsOf(settings: SettingsFile): readonly Problem[] {
  try {
    parseSettings(settings.values);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}
