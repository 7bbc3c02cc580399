import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Pulumi CLI's home folder of a person. */
export const personsHome = (): string => process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");

/**
 * A home folder in which the Pulumi CLI keeps no log. Since 3.248 at the latest it writes all that it does, at its most verbose, into
 * compressed and encrypted files in `logs`, up to 500 MB, and has no option against it: half of an engine's processor
 * time on this graph. Where `logs` is a file, it goes without
 * (https://github.com/pulumi/pulumi/blob/pkg/v3.259.0/pkg/logging/encrypted.go, StartLogging).
 *
 * @param folder created if need be. Installed plugins are those of the person's home.
 * @returns the environment that makes the CLI use it.
 */
export function homeWithoutLogs(folder: string): { PULUMI_HOME: string } {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "logs"), "The CLI's log would be here; see homeWithoutLogs.\n");
  const plugins = join(folder, "plugins");
  if (!lstatSync(plugins, { throwIfNoEntry: false })) {
    symlinkSync(join(personsHome(), "plugins"), plugins);
  }
  return { PULUMI_HOME: folder };
}
