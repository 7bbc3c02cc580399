import { tmpdir } from "node:os";

import { describe, expect, test } from "@jest/globals";

import { capture, type Cast, fromAsciicast, toAsciicast } from "../../../tools/record/capture.js";
import { type Frame, framesOf, textOf } from "../../../tools/record/frames.js";
import { paced } from "../../../tools/record/pace.js";
import { animate } from "../../../tools/record/svg.js";
import { StepChanges } from "../../../tools/walk/step-changes.js";
import { LiveUi } from "../../../tools/walk/screen/live.js";
import { walkSteps as steps } from "../../../tools/walk/steps.js";

const size = { columns: 60, rows: 12 };
const cast = (...events: Cast["events"]): Cast => ({ ...size, events });
const texts = ({ lines }: Pick<Frame, "lines">) => lines.map(textOf).filter((text) => text !== "");

/** What the walk writes on a terminal for its first two steps: one drawing a second. */
function walk(): Cast {
  const events: Cast["events"] = [];
  const write = (text: string) => events.push([events.length, text.replaceAll("\n", "\r\n")]);
  const stream = { ...size, write, on: () => stream, off: () => stream };
  const ui = new LiveUi(stream as unknown as NodeJS.WriteStream, "sandbox");
  const changes = new StepChanges();
  for (const step of steps.slice(0, 2)) {
    ui.begin(step);
    ui.plan(changes);
    ui.apply(changes);
    ui.results(`${step.number} created in 2 s. What that changes:`);
  }
  ui.end("The end");
  return cast(...events);
}

describe("a recording", () => {
  test("holds what a command writes to a terminal of its size, and how it ended", async () => {
    const ran = await capture("sh -c 'stty size; exit 3'", size, tmpdir());
    expect(ran.status).toBe(3);
    expect(ran.cast.events.map(([, text]) => text).join("")).toContain("12 60\r\n");
  });

  test("is the same again after it was written and read as asciicast", () => {
    const recorded = cast([0, "a"], [1.5, "\u001b[1mb\r\n"]);
    expect(fromAsciicast(toAsciicast(recorded))).toEqual(recorded);
  });
});

describe("frames", () => {
  test("have each run of characters where the terminal has it, in its style", async () => {
    const frames = await framesOf(cast([2, "\u001b[32m✔\u001b[39m \u001b[1mok\u001b[22m  end"]));
    expect(frames.map(({ at }) => at)).toEqual([2]);
    expect(frames[0]?.lines[0]).toEqual([
      { text: "✔", column: 0, color: 2, bold: false, dim: false },
      { text: "ok", column: 2, bold: true, dim: false },
      { text: "  end", column: 4, bold: false, dim: false },
    ]);
  });

  test("are the drawings that change the screen, also when several arrive together", async () => {
    const end = "\u001b[?2026l";
    const frames = await framesOf(cast([1, `one${end}\rtwo${end}\rtwo${end}`], [2, "\rsix"]));
    expect(frames.map((frame) => [frame.at, ...texts(frame)])).toEqual([
      [1, "one"],
      [1, "two"],
      [2, "six"],
    ]);
  });

  test("follow the screen when it scrolls", async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `${index}\r\n`).join("");
    const [frame] = await framesOf(cast([0, lines]));
    expect(frame && texts(frame)).toEqual(Array.from({ length: 11 }, (_, index) => `${index + 9}`));
  });
});

describe("the pace", () => {
  test("shows each of a step's scenes, and its end longest", async () => {
    const shown = paced(await framesOf(walk()));
    const first = shown.filter((screen) => texts(screen)[0]?.startsWith("Step 1"));
    const footers = first.map((screen) => texts(screen).at(-1));
    expect(footers).toEqual(
      expect.arrayContaining([
        expect.stringContaining("Previewing"),
        expect.stringContaining("Updating"),
        expect.stringContaining("Checking the results"),
      ]),
    );
    const longest = Math.max(...first.map(({ seconds }) => seconds));
    const end = first.find((screen) => texts(screen).at(-1)?.includes("Checking the results"));
    expect(end?.seconds).toBe(longest);
    expect(Math.min(...shown.map(({ seconds }) => seconds))).toBeGreaterThanOrEqual(0.1);
  });

  test("shortens a long wait", async () => {
    const ticks = Array.from({ length: 600 }, (_, index): [number, string] => [
      index,
      `\rUpdating, ${index} s`,
    ]);
    const shown = paced(await framesOf(cast(...ticks, [600, "\rDone"])));
    const seconds = shown.reduce((sum, screen) => sum + screen.seconds, 0);
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(10);
    expect(shown.length).toBeLessThan(25);
  });
});

describe("the picture", () => {
  const draw = async (recorded: Cast) => {
    const shown = paced(await framesOf(recorded));
    return { shown, svg: animate(shown, recorded, `A walk & "more"`) };
  };

  test("moves through every screen, and keeps to the last for readers who want no motion", async () => {
    const { shown, svg } = await draw(walk());
    expect(svg.match(/%\{transform/g)).toHaveLength(shown.length);
    expect(svg.match(/<g transform/g)).toHaveLength(shown.length);
    expect(svg).toContain("prefers-reduced-motion:reduce");
  });

  test("draws a line that stays once", async () => {
    const { svg } = await draw(cast([0, "stays\r\n\r\none"], [5, "\rtwo"], [9, "\rsix"]));
    expect(svg.match(/>stays</g)).toHaveLength(1);
    expect(svg.match(/href="#l0"/g)).toHaveLength(3);
  });

  test("is well-formed, whatever the terminal shows", async () => {
    const { svg } = await draw(cast([0, `<a href="x"> & ✔`]));
    const open: string[] = [];
    for (const [, close, name = "", , empty] of svg.matchAll(
      /<(\/?)(\w+)((?:\s[\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>/g,
    )) {
      if (close) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg).toContain(`&lt;a href=&quot;x&quot;> &amp; ✔`);
    expect(svg.replaceAll(/&(amp|lt|quot);/g, "")).not.toContain("&");
  });
});
