import { UsageError } from "./errors.js";

type Environment = Record<string, string | undefined>;

/**
 * Refuses an option that was given to npm: without `--` before it npm keeps it as its own setting, warns at most, and
 * the command would act on another sandbox or stack than the one named.
 *
 * @param options of the command, by name.
 * @throws UsageError with the command line that passes the option on.
 */
export function refuseSwallowed(
  options: Record<string, { type: "string" | "boolean" }>,
  argv: string[],
  env: Environment = process.env,
): void {
  const { npm_lifecycle_event: script, npm_package_name: project } = env;
  if (script === undefined || project !== "oke-ambient-mesh") return;
  for (const [name, { type }] of Object.entries(options)) {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`];
    // npm's own `yes` is in the environment of anyone who set it, and of everything that `npx -y` runs.
    if (!value || name === "yes") continue;
    const hasValue = type === "string" && value !== "true";
    const words = hasValue ? [...argv, `--${name}=${value}`] : [...argv, `--${name}`];
    // npm has separated `--name demo` into a setting and an argument.
    const line = type === "string" && !hasValue ? `… --${name} <value>` : words.join(" ");
    throw new UsageError(
      `npm kept --${name}${hasValue ? `=${value}` : ""} for itself. Put "--" before the options: npm run -s ${script} -- ${line}`,
    );
  }
}
