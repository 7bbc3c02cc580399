import { writeFileSync } from "node:fs";

import type { Report } from "../report.js";

/** Names a file that receives the report as JSON, also from the verification that runs in the graph. */
export const reportVariable = "VERIFY_REPORT";

/** Writes the report where {@link reportVariable} asks for it. */
export function leaveReport(report: Report, env = process.env): void {
  const file = env[reportVariable];
  if (file) writeFileSync(file, JSON.stringify(report));
}
