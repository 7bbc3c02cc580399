import { readArguments, rejectArguments } from "../command-line/arguments.js";
import { describeFailure, exitStatusOf, ToolError, UsageError } from "../command-line/errors.js";

const usage = `npm run -s digest -- <path or URL>

Prints the value of mesh.gatewayApi for a copy of the Gateway API's definitions: its location and the SHA-256 of the
definitions. The location is a file, a folder with YAML files or a kustomization, or a URL. The digest depends neither
on the form nor on the order of the definitions. To use it:

  pulumi config set --path mesh.gatewayApi "$(npm run -s digest -- ./crds)"

Exit status: 0 printed, 1 no complete Gateway API there, 2 wrong command line.`;

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = readArguments(
    argv,
    { help: { type: "boolean", short: "h", default: false } },
    usage,
  );
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const [location, ...rest] = positionals;
  if (!location) throw new UsageError(`Expected a path or URL.\n\n${usage}`);
  rejectArguments(rest);
  const { definitionsAt, digestOf, GatewayApiError } =
    await import("../../components/mesh/gateway-api-bundle.js");
  const definitions = await definitionsAt(location).catch((error: unknown) => {
    throw error instanceof GatewayApiError ? new ToolError(error.message) : error;
  });
  process.stdout.write(`${location}#sha256=${digestOf(definitions)}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitStatusOf(error);
}
