/** Prints a line for each test when it ends: jest itself prints nothing before the whole file has ended. */
export default class Sentences {
  onTestCaseResult({ path }, { status, fullName, duration }) {
    if (status === "pending" || status === "todo") return;
    const file = path.slice(path.lastIndexOf("/") + 1).replace(".test.ts", "");
    const seconds = ((duration ?? 0) / 1000).toFixed(1);
    const mark = status === "passed" ? "✓" : "✗";
    process.stderr.write(`  ${mark} ${file}: ${fullName} (${seconds} s)\n`);
  }
}
