import { connectTo } from "../../components/kubeconfig/connect.js";
import { ToolError } from "../command-line/errors.js";
import { command } from "../stacks/sandbox-command.js";
import { Access } from "../verify/cluster/access.js";
import { targetOf, verifyInputOf } from "../verify/target.js";
import { openBrowser } from "./browser.js";
import { Forward } from "./forward.js";
import type { Options } from "./options.js";
import { pageOf, remedyOf } from "./pages.js";
import { NoPod } from "./pods.js";

/**
 * Shows a page for as long as the process runs.
 *
 * @throws ToolError that says which Pod is missing and what to run; UncheckedError if the API server cannot be reached.
 */
export async function show(options: Options): Promise<never> {
  const { from, page: name } = options;
  if (name === "kiali" && "sandbox" in from) throw noKiali(from.sandbox);
  const target = await targetOf(from);
  const { namespace, ...cluster } = await verifyInputOf(target, {
    from,
    destroyed: false,
    json: false,
  });
  const page = pageOf(name, namespace);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const forward = new Forward(new Access(connectTo(cluster)), page.service, say);
  const port = await forward.open(options.port).catch((error: unknown) => {
    if (!(error instanceof NoPod)) throw error;
    const place = "sandbox" in from ? from : { stack: from.stack ?? target.stack };
    throw new ToolError(
      `${page.title} cannot be shown. ${error.message}\nDeploy it with: ${remedyOf(page, place)}`,
    );
  });
  const url = `http://127.0.0.1:${port}${page.path}`;
  say(`${page.title}: ${url}\nCtrl-C ends it.`);
  openBrowser(url);
  return new Promise<never>(() => undefined);
}

function noKiali(sandbox: string): ToolError {
  const option = sandbox === "sandbox" ? "--sandbox" : `--name ${sandbox}`;
  return new ToolError(
    [
      "The sandbox runs no container images, so Kiali serves no page there.",
      `Prometheus, which it reads: npm run dashboard -- ${option} --prometheus`,
      `Its Pod: eval "$(${command("env", sandbox)})"; kubectl get pods -n istio-system -l app=kiali`,
    ].join("\n"),
  );
}
