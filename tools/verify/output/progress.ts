import { Heartbeat } from "../../command-line/heartbeat.js";
import { isLive } from "../../command-line/terminal.js";
import type { Report } from "../report.js";

/** Shows on stderr that a verification is under way. */
export class VerifyProgress {
  private pending: string[] = [];
  private readonly heartbeat: Heartbeat;

  /** @param doing is said at once: the libraries take seconds to load. */
  constructor(doing: string, stream: NodeJS.WriteStream = process.stderr) {
    this.heartbeat = new Heartbeat(
      () => (this.pending.length > 0 ? `settling: ${this.pending.join("; ")}` : "checking"),
      stream,
    );
    if (isLive(stream)) this.begin();
    else stream.write(`${doing} …\n`);
  }

  /** From now on a log gets its lines; may be called again. */
  begin(): void {
    this.heartbeat.begin();
    this.heartbeat.refresh();
  }

  /** A round has ended; the rows that are not green are checked again. */
  readonly round = ({ rows }: Report): void => {
    this.pending = rows.filter(({ verdict }) => verdict !== "green").map(({ what }) => what);
    this.heartbeat.refresh();
  };

  /** Clears the line; may be called again. */
  end(): void {
    this.heartbeat.end();
  }
}
