/** A line for each test as it ends: jest itself says nothing of a file before all of it is done. */
export default class Sentences {
  onTestCaseResult({ path }, { status, fullName, duration }) {
    if (status === "pending" || status === "todo") return;
    const file = path.slice(path.lastIndexOf("/") + 1).replace(".test.ts", "");
    const seconds = ((duration ?? 0) / 1000).toFixed(1);
    const mark = status === "passed" ? "✓" : "✗";
    process.stderr.write(`  ${mark} ${file}: ${fullName} (${seconds} s)\n`);
  }
}
