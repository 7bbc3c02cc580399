import { readOnStackOrSandbox } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";
import { type PageName, pageNames } from "./pages.js";

export const usage = `Usage: npm run dashboard -- [options]

Opens Kiali's graph of the application in a browser, over a port-forward that lasts until Ctrl-C.

  --prometheus      Prometheus instead
  --page            the product page instead, through the ingress gateway
  --stack S         a Pulumi stack (default: the selected one)
  --sandbox [NAME]  a sandbox on this machine (default name: sandbox)
  --name NAME       the same
  --port N          the port on this machine (default: any free one)
  --help            this text`;

/** A parsed command line. */
export interface Options {
  page: PageName;
  from: { stack?: string } | { sandbox: string };
  /** Port to listen on; 0: any free one. */
  port: number;
}

/**
 * Parses the command line.
 *
 * @throws UsageError naming what is wrong and what is valid.
 */
export function parseOptions(argv: string[]): Options | "help" {
  const { values, sandbox } = readOnStackOrSandbox(argv, known, usage);
  if (values.help) return "help";
  const { stack, port = "0" } = values;
  if (stack !== undefined && sandbox !== undefined) {
    throw new UsageError("--stack and --sandbox cannot be combined.");
  }
  const [page = "kiali", other] = pageNames.filter((name) => name !== "kiali" && values[name]);
  if (other) throw new UsageError(`--${page} and --${other} cannot be combined.`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port "${port}" is not a port from 1 to 65535.`);
  }
  return { page, from: sandbox ? { sandbox } : { stack }, port: Number(port) };
}

const known = {
  prometheus: { type: "boolean" },
  page: { type: "boolean" },
  port: { type: "string" },
} as const;
