import { isLive } from "../command-line/terminal.js";
import type { Display } from "./display.js";
import { LineDisplay } from "./line-display.js";
import { LiveDisplay } from "./live-display.js";

/** A terminal that can move its cursor gets a live list, everything else a line for each change. */
export function openDisplay(stream: NodeJS.WriteStream, titles: string[]): Display {
  return isLive(stream) ? new LiveDisplay(stream, titles) : new LineDisplay(stream);
}
