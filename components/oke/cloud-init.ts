/** Kernel modules of ambient mode: https://istio.io/latest/docs/ops/deployment/platform-requirements/ */
export const kernelModules = [
  "br_netfilter",
  "ip_set",
  "ip_set_hash_ip",
  "iptable_mangle",
  "iptable_nat",
  "iptable_raw",
  "xt_REDIRECT",
  "xt_connmark",
  "xt_conntrack",
  "xt_mark",
  "xt_multiport",
  "xt_owner",
  "xt_set",
  "xt_tcpudp",
] as const;

/**
 * The script of a worker's first boot. It replaces Oracle's, without which a node never joins, so it runs that first,
 * from the instance's metadata
 * (https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengusingcustomcloudinitscripts.htm). Oracle Linux 8 and
 * 9 do not load `iptable_nat` by themselves (https://github.com/oracle-terraform-modules/terraform-oci-oke/issues/1009).
 */
export function cloudInit(): string {
  return `#!/bin/bash
set -o pipefail
init=/var/run/oke-init.sh
curl --fail --silent --show-error --retry 10 --retry-delay 3 --header 'Authorization: Bearer Oracle' \\
  --location http://169.254.169.254/opc/v2/instance/metadata/oke_init_script | base64 --decode > "$init" || exit 1
bash "$init" || exit 1
printf '%s\\n' ${kernelModules.join(" ")} > /etc/modules-load.d/istio.conf
for module in ${kernelModules.join(" ")}; do
  modprobe "$module" || logger --tag istio-modules "no kernel module $module: built in, or missing from this kernel"
done
`;
}

/** {@link cloudInit} in base64, as a node's metadata holds it. */
export function userData(): string {
  return Buffer.from(cloudInit()).toString("base64");
}
