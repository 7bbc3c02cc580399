import type { Report, TableRow } from "../report.js";

/**
 * The report as JUnit XML, a test case for each row: red rows fail, rows that were not checked are skipped. CI systems
 * agree on this subset: https://github.com/testmoapp/junitxml
 */
export function junit({ target, stage, namespace, rows, seconds }: Report): string {
  const count = (verdict: TableRow["verdict"]) =>
    rows.filter((row) => row.verdict === verdict).length;
  const counts = `tests="${rows.length}" failures="${count("red")}" skipped="${count("not checked")}"`;
  const name = escaped(`${target}, stage ${stage}, namespace ${namespace}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts} time="${seconds.toFixed(1)}">`,
    `  <testsuite name="${name}" ${counts} errors="0" time="${seconds.toFixed(1)}">`,
    ...rows.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase({ id, stage, what, expected, seen, verdict, cause }: TableRow): string {
  const start = `    <testcase classname="${escaped(stage)}.${escaped(id)}" name="${escaped(`${what}: ${expected}`)}"`;
  if (verdict === "green") return `${start}/>`;
  const inside =
    verdict === "red"
      ? `<failure message="${escaped(`expected ${expected}, seen ${seen}`)}">${escaped(cause ?? "")}</failure>`
      : `<skipped message="${escaped(seen)}"/>`;
  return `${start}>${inside}</testcase>`;
}

/** Characters that XML 1.0 does not allow at all are replaced: https://www.w3.org/TR/xml/#charsets */
const escaped = (text: string) =>
  text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
