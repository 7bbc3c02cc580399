import { loadText, type Kubeconfig } from "./load.js";
import { isPath } from "./unreadable.js";

/** What messages repeat of a kubeconfig's text: the addresses of its servers, and the names of its contexts. */
export function wordsOf(kubeconfig: unknown): string[] {
  if (typeof kubeconfig !== "string" || isPath(kubeconfig)) return [];
  let config: Kubeconfig;
  try {
    config = loadText(kubeconfig);
  } catch {
    return []; // whose message repeats nothing of it
  }
  const servers = [...config.clusters.values()].flatMap(({ server = "" }) => {
    const { host, hostname } = URL.canParse(server) ? new URL(server) : { host: "", hostname: "" };
    return [host, hostname];
  });
  return [...servers, ...config.contexts.keys()].filter((word) => word !== "");
}
