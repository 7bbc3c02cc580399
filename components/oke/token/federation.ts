import type { AuthenticationDetailsProvider } from "oci-common";

/** The part of an instance principal that asks OCI's auth service for a token. */
interface Federated {
  federationClient?: { httpClient?: { httpOptions?: object } };
}

/**
 * Sends an instance principal's requests to OCI's auth service through the environment's proxy, which Oracle's SDK
 * ignores. Those to the instance's own metadata service stay direct. A resource principal sends none.
 */
export async function useProxy(
  provider: AuthenticationDetailsProvider,
  env: Record<string, string | undefined>,
): Promise<void> {
  const { httpClient } = (provider as Federated).federationClient ?? {};
  if (!httpClient) return;
  // Loaded here: the token helper of an API key needs none of it.
  const { hasProxy, proxyFor } = await import("../../http/proxy.js");
  if (!hasProxy(env)) return;
  const { agentFor } = await import("../../http/tunnel.js");
  const { systemRoots } = await import("../../http/system-roots.js");
  const agent = ({ href }: { href: string }) => {
    const url = new URL(href);
    const proxy = proxyFor(url, env);
    return proxy && agentFor(url, proxy, { keepAlive: false, ca: systemRoots(env) });
  };
  // The SDK passes these to node-fetch: https://github.com/node-fetch/node-fetch/tree/2.x#custom-agent
  httpClient.httpOptions = { agent };
}
