import { parseSettings } from "../../components/settings/parse.js";
import { line, type Problem, SettingsError } from "../../components/settings/problems.js";
import { type SettingsFile, parsePath } from "../stacks/settings-file.js";
import { ToolError, UsageError } from "../command-line/errors.js";
import { compartmentId } from "../../emulator/oci/tenancy/identity.js";
import type { Options } from "./options.js";

/** What a call changes in a sandbox's settings. */
export type SettingChanges = Pick<Options, "stage" | "config">;

/** The settings a sandbox has until somebody chooses otherwise. */
export function setDefaults(settings: SettingsFile): void {
  settings.set([["cluster"], "oke"], "unless set");
  settings.set([["compartmentId"], compartmentId], "unless set");
  settings.set([["network", "apiAllowedCidrs"], ["127.0.0.1/32"]], "unless set");
  settings.set([["stage"], "traffic"], "unless set");
}

/**
 * Lays a call's settings over those that are there; an empty value takes a setting back.
 *
 * @param own sets the sandbox's own, which stand again where a person's are taken back.
 * @throws ToolError where a setting is to be a field of something that has none.
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
 * Checks what a call would set, on a copy of the settings that nobody keeps.
 *
 * What is wrong without the call, or only seems so because it is encrypted, is left to the program.
 *
 * @throws UsageError that names every problem the call would bring in.
 */
export function checkOverrides(settings: SettingsFile, changes: SettingChanges): void {
  // What the call sets anew, such as the same wrong key once more, is the call's.
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
    ["--config does not go with the settings:", ...wrong, "Nothing was changed. " + help].join(
      "\n",
    ),
  );
}

const help = "`--config <key>=` takes a setting back; Pulumi.yaml describes the keys.";

function problemsOf(settings: SettingsFile): readonly Problem[] {
  try {
    parseSettings(settings.values);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}
