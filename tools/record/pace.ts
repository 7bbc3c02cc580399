import { type Frame, type Run, textOf } from "./frames.js";

/** A screen, and for how long a recording shows it. */
export interface Shown {
  lines: Run[][];
  seconds: number;
}

/** In seconds, except `speed`. */
const pace = {
  /** Times as fast as it happened. */
  speed: 3,
  /** A scene plays for no longer than this. */
  scene: 2,
  /** A screen that would show for less is left out. */
  screen: 0.1,
  /** The end of a scene stays in addition, so that it can be read. */
  endOfScene: 0.6,
  /** The same, if the next scene has another heading. */
  endOfStep: 2.5,
  /** The last screen. */
  end: 6,
};

/** The frames at a pace that a reader can follow: waits are shortened, what must be read stays. */
export function paced(frames: readonly Frame[]): Shown[] {
  const scenes = scenesOf(frames);
  const shown = scenes.flatMap((scene, index) => {
    const next = scenes[index + 1];
    const start = scene.frames[0]?.at ?? 0;
    const end = next?.frames[0]?.at ?? scene.frames.at(-1)?.at ?? start;
    const rate = Math.max(pace.speed, (end - start) / pace.scene);
    const hold = !next
      ? pace.end
      : next.heading === scene.heading
        ? pace.endOfScene
        : pace.endOfStep;
    return scene.frames.map(({ at, lines }, position) => {
      const following = scene.frames[position + 1];
      return { lines, seconds: ((following?.at ?? end) - at) / rate + (following ? 0 : hold) };
    });
  });
  return withoutFlashes(shown);
}

interface Scene {
  heading: string;
  footer: string;
  frames: Frame[];
}

/** Frames that differ only in their body, or in the numbers of their footer. */
function scenesOf(frames: readonly Frame[]): Scene[] {
  const scenes: Scene[] = [];
  for (const frame of frames) {
    const text = frame.lines.map(textOf);
    // The walk draws a heading, a rule, a body and a footer.
    const heading = text[text.findLastIndex((line) => /^─+$/.test(line)) - 1] ?? "";
    const footer = (text.findLast((line) => line !== "") ?? "").replace(/[:\d].*/, "");
    const last = scenes.at(-1);
    if (last?.heading === heading && last.footer === footer) last.frames.push(frame);
    else scenes.push({ heading, footer, frames: [frame] });
  }
  return scenes;
}

function withoutFlashes(shown: Shown[]): Shown[] {
  let owed = 0;
  return shown.flatMap(({ lines, seconds }) => {
    owed += seconds;
    if (owed < pace.screen) return [];
    const kept = { lines, seconds: owed };
    owed = 0;
    return [kept];
  });
}
