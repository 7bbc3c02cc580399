/**
 * A terminal's screen with the control codes that the walk uses: line feeds, carriage returns, and the escapes for up,
 * erase, home and styles.
 */
export class Terminal {
  private lines: string[];
  private row = 0;
  private column = 0;
  private rest = "";
  /** Lines longer than the screen is wide. */
  readonly tooLong: string[] = [];
  /** Lines that have scrolled off the top. */
  readonly history: string[] = [];
  cursorShown = true;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.lines = Array.from({ length: rows }, () => "");
  }

  /** The screen, without the empty lines at its end. */
  get screen(): string[] {
    const last = this.lines.findLastIndex((line) => line !== "");
    return this.lines.slice(0, last + 1).map((line) => line.trimEnd());
  }

  write(data: string): void {
    const text = this.rest + data;
    const part = /\u001b\[([?\d;]*)([A-Za-z])|\u001b\[?[?\d;]*$|[\s\S]/gu;
    this.rest = "";
    for (const [whole, parameter = "", letter] of text.matchAll(part)) {
      if (letter) this.escape(parameter, letter);
      else if (whole.startsWith("\u001b")) this.rest = whole;
      else if (whole === "\n") this.feed();
      else if (whole === "\r") this.column = 0;
      else this.put(whole);
    }
  }

  private escape(parameter: string, letter: string): void {
    const count = Number(parameter) || 1;
    if (letter === "A") this.row = Math.max(0, this.row - count);
    else if (letter === "H") [this.row, this.column] = [0, 0];
    else if (letter === "K") this.line = this.line.slice(0, this.column);
    else if (letter === "J") {
      if (parameter === "2") this.lines.fill("");
      else {
        this.line = this.line.slice(0, this.column);
        this.lines.fill("", this.row + 1);
      }
    } else if (parameter === "?25") this.cursorShown = letter === "h";
    else if (letter !== "m" && parameter !== "?2026") {
      throw new Error(`escape ${JSON.stringify(parameter + letter)} is not supported`);
    }
  }

  private put(character: string): void {
    if (this.column === this.columns) {
      this.tooLong.push(this.line + character);
      this.column = 0;
      this.feed();
    }
    const { line, column } = this;
    this.line = line.slice(0, column).padEnd(column) + character + line.slice(column + 1);
    this.column += 1;
  }

  private feed(): void {
    // As in a terminal by default, a line feed is also a carriage return.
    this.column = 0;
    if (this.row < this.rows - 1) this.row += 1;
    else {
      this.history.push(this.lines.shift() ?? "");
      this.lines.push("");
    }
  }

  private get line(): string {
    return this.lines[this.row] ?? "";
  }

  private set line(text: string) {
    this.lines[this.row] = text;
  }
}
