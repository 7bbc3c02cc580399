import { readArguments, rejectArguments } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run -s expire -- [options]

Without a time: lists the backend's stacks with the time that each has left, and destroys those
whose time is over. It asks before each, and checks afterwards that nothing is left. A stack
without an expiry is never destroyed.

  --yes      do not ask, for a schedule

With a time: sets when a stack expires. The next \`pulumi up\` puts it into the stack's outputs
and on its VCN and cluster as a tag.

  --stack S  the stack (default: the selected one)
  --in T     after this time: 90m, 8h, 2d
  --at T     at this time, with its zone: 2026-12-01T18:00:00+01:00
  --never    it does not expire

  --help     this text

Exit status: 0 done; 1 a teardown failed or left something; 2 wrong command line.`;

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Parses a duration such as `90m`, `8h`, `2d`, or `1d12h`.
 *
 * @returns milliseconds.
 * @throws UsageError for anything else, and for no time at all.
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)([mhd])/g)];
  const total = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs],
    0,
  );
  if (parts.map(([part]) => part).join("") !== text || total === 0) {
    throw new UsageError(`"${text}" is not a duration. Use minutes, hours, or days: 90m, 8h, 2d.`);
  }
  return total;
}

/** A parsed command line. */
export type Options =
  | { do: "help" }
  | { do: "destroy"; yes: boolean }
  | { do: "set"; stack?: string; expiresAt: string | undefined };

/**
 * Parses the command line.
 *
 * @throws UsageError naming what is wrong and what is valid.
 */
export async function parseOptions(argv: string[], now = Date.now()): Promise<Options> {
  const { values, positionals } = readArguments(argv, known, usage);
  if (values.help) return { do: "help" };
  rejectArguments(positionals);
  const { stack, yes } = values;
  const given = [values.in, values.at, values.never].filter((value) => value !== undefined);
  if (given.length > 1) throw new UsageError("--in, --at, and --never cannot be combined.");
  if (given.length === 0) {
    if (stack) throw new UsageError("--stack needs --in, --at, or --never; see --help.");
    return { do: "destroy", yes: yes ?? false };
  }
  if (yes) throw new UsageError("--yes cannot be combined with a time: setting one does not ask.");
  return { do: "set", ...(stack && { stack }), expiresAt: await expiry(values, now) };
}

const known = {
  stack: { type: "string" },
  in: { type: "string" },
  at: { type: "string" },
  never: { type: "boolean" },
  yes: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

async function expiry(
  values: { in?: string; at?: string },
  now: number,
): Promise<string | undefined> {
  if (values.in !== undefined) {
    // Whole seconds: it is read by people.
    const at = new Date(now + parseDuration(values.in));
    return at.toISOString().replace(/\.\d+Z$/, "Z");
  }
  const { at } = values;
  if (at === undefined) return undefined;
  // Only here: the first line of the others must not wait for it.
  const z = await import("zod");
  if (!z.iso.datetime({ offset: true }).safeParse(at).success) {
    throw new UsageError(
      `--at "${at}" is not a time with its zone, such as 2026-12-01T18:00:00+01:00.`,
    );
  }
  if (Date.parse(at) <= now) throw new UsageError(`--at ${at} is in the past.`);
  return at;
}
