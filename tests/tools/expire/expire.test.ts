import { describe, expect, test } from "@jest/globals";

import { ToolError, UsageError } from "../../../tools/command-line/errors.js";
import { describeStack, destroyExpired, type Hands } from "../../../tools/expire/expire.js";
import { parseOptions } from "../../../tools/expire/options.js";
import { type AskPulumi, deployedStacks } from "../../../tools/expire/stacks.js";

const now = Date.parse("2026-11-28T12:00:00Z");

describe("the command line of expire", () => {
  test("without a time destroys what has expired", async () => {
    expect(await parseOptions([])).toEqual({ do: "destroy", yes: false });
    expect(await parseOptions(["--yes"])).toEqual({ do: "destroy", yes: true });
    expect(await parseOptions(["-h"])).toEqual({ do: "help" });
  });

  test.each([
    [["--in", "8h"], "2026-11-28T20:00:00Z"],
    [["--in", "1d12h30m"], "2026-11-30T00:30:00Z"],
    [["--at", "2026-12-01T18:00:00+01:00"], "2026-12-01T18:00:00+01:00"],
    [["--never"], undefined],
  ])("%j sets when a stack expires", async (argv, expiresAt) => {
    expect(await parseOptions(argv, now)).toEqual({ do: "set", expiresAt });
    expect(await parseOptions([...argv, "--stack", "dev"], now)).toMatchObject({ stack: "dev" });
  });

  test.each([
    [["--in", "8"], '"8" is not a duration. Use minutes, hours, or days: 90m, 8h, 2d.'],
    [["--in", "0h"], '"0h" is not a duration.'],
    [["--in", "-8h"], "ambiguous"],
    [["--at", "tomorrow"], '--at "tomorrow" is not a time with its zone'],
    [["--at", "2026-11-28T12:00:00"], "is not a time with its zone"],
    [["--at", "2026-11-28T11:00:00Z"], "--at 2026-11-28T11:00:00Z is in the past."],
    [["--in", "8h", "--never"], "--in, --at, and --never cannot be combined."],
    [["--in", "8h", "--yes"], "--yes cannot be combined with a time"],
    [["--stack", "dev"], "--stack needs --in, --at, or --never; see --help."],
    [["dev"], 'Unexpected argument "dev"; see --help.'],
  ])("refuses %j", async (argv, message) => {
    await expect(parseOptions(argv, now)).rejects.toThrow(UsageError);
    await expect(parseOptions(argv, now)).rejects.toThrow(message);
  });
});

describe("stacks of the backend", () => {
  const past = "2020-01-01T00:00:00Z";
  const later = "2999-01-01T00:00:00Z";
  const outputs: Record<string, object> = {
    dev: { expiresAt: later },
    keep: { productpageUrl: "http://127.0.0.1/productpage" },
    old: { expiresAt: past },
    "acme/older": { expiresAt: "2019-01-01T00:00:00Z" },
  };
  const pulumi: AskPulumi = async <T>([, command, , stack = ""]: string[]) => {
    if (command === "output") return outputs[stack] as T;
    const listed = [
      ...Object.keys(outputs).map((name) => ({ name })),
      { name: "empty", resourceCount: 0 },
    ];
    return listed as T;
  };

  /** Destroys what has expired, with these exit statuses by the first words of a command. */
  async function destroy(
    {
      yes = true,
      answers,
      ...given
    }: { yes?: boolean; answers?: boolean[] } & Partial<Pick<Hands, "pulumi" | "timeOf" | "now">>,
    statuses: Record<string, number> = {},
  ) {
    const [said, ran]: [string[], string[]] = [[], []];
    const done = destroyExpired(
      {
        pulumi,
        timeOf: async () => undefined,
        ...given,
        say: (line) => void said.push(line),
        ...(answers && { ask: async () => answers.shift() ?? false }),
        run: async (command, args) => {
          ran.push([command, ...args].join(" "));
          const known = Object.entries(statuses).find(([words]) => ran.at(-1)?.includes(words));
          return known?.[1] ?? 0;
        },
      },
      yes,
    );
    const error = await done.then(
      () => undefined,
      (failure: unknown) => failure,
    );
    return { said, ran, error };
  }

  const teardown = (stack: string) => [
    `pulumi destroy --yes --stack ${stack}`,
    `npm run -s verify -- --stack ${stack} --destroyed`,
  ];

  test("are listed if they have resources, those that expire first in front", async () => {
    expect(await deployedStacks(pulumi)).toEqual([
      { name: "acme/older", expiresAt: "2019-01-01T00:00:00Z" },
      { name: "old", expiresAt: past },
      { name: "dev", expiresAt: later },
      { name: "keep" },
    ]);
  });

  test("say how long they have", () => {
    expect(describeStack({ name: "keep" })).toBe("keep  does not expire");
    const expiresAt = "2026-11-28T20:00:00Z";
    expect(describeStack({ name: "dev", expiresAt }, now)).toBe(
      "dev  expires in 8 h (2026-11-28T20:00:00Z)",
    );
    expect(describeStack({ name: "dev", expiresAt }, Date.parse("2026-11-28T21:00:00Z"))).toBe(
      "dev  expired 1 h ago (2026-11-28T20:00:00Z)",
    );
  });

  test("are destroyed once they have expired, each with the proof that nothing is left", async () => {
    const { ran, error } = await destroy({});
    expect(error).toBeUndefined();
    expect(ran).toEqual([...teardown("acme/older"), ...teardown("old")]);
  });

  test("stay if they were extended after they were listed", async () => {
    let asked = 0;
    const extended: AskPulumi = async <T>(args: string[]) =>
      args.includes("output") && args.includes("old") && asked++ > 0
        ? ({ expiresAt: later } as T)
        : pulumi<T>(args);
    const { ran, said } = await destroy({ pulumi: extended });
    expect(ran).toEqual(teardown("acme/older"));
    expect(said.at(-1)).toBe("old has been extended meanwhile.");
  });

  test.each([
    ["behind, by the last update of a stack", "2018-01-01T00:00:00Z", undefined],
    ["ahead, by a stack's API server", "2999-06-01T00:00:00Z", "2026-11-28T12:00:00Z"],
    ["behind, by a stack's API server", "2024-01-01T00:00:00Z", "2026-11-28T12:00:00Z"],
  ])("stay if the clock is %s", async (_, clock, there) => {
    const updated: AskPulumi = async <T>(args: string[]) =>
      args[1] === "output"
        ? pulumi<T>(args)
        : ([{ name: "old", lastUpdate: "2023-01-01T00:00:00.000Z" }, { name: "dev" }] as T);
    const { ran, error } = await destroy({
      pulumi: updated,
      now: () => Date.parse(clock),
      timeOf: async () => (there === undefined ? undefined : Date.parse(there)),
    });
    expect(ran).toEqual([]);
    expect(error).toBeInstanceOf(ToolError);
    expect((error as Error).message).toMatch(
      new RegExp(`^A clock is wrong: this machine's clock says ${clock}, but .*old .*Set it`),
    );
  });

  test("are destroyed only if a person agrees", async () => {
    const { ran } = await destroy({ yes: false, answers: [false, true] });
    expect(ran).toEqual(teardown("old"));
  });

  test("are only listed where no one can be asked", async () => {
    const { ran, said } = await destroy({ yes: false });
    expect(ran).toEqual([]);
    expect(said.at(-1)).toContain("npm run expire -- --yes");
  });

  test.each([["pulumi destroy --yes --stack acme/older"], ["verify -- --stack acme/older"]])(
    "go on with the next one if `%s` fails, and the failure is named",
    async (words) => {
      const { ran, error } = await destroy({}, { [words]: 1 });
      expect(ran).toEqual(expect.arrayContaining(teardown("old")));
      expect(error).toBeInstanceOf(ToolError);
      expect((error as Error).message).toContain("Not completely destroyed: acme/older.");
    },
  );
});
