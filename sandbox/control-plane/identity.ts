/**
 * The group whose members may do everything in the cluster. The token review answers it for a
 * user of the tenancy that is an administrator of the cluster: on OKE an IAM policy decides so.
 * https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutaccesscontrol.htm
 */
export const administrators = "oke-ambient-mesh:administrators";

/** What makes {@link administrators} true. */
export const administratorsBinding = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: "oke-ambient-mesh-administrators" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: administrators }],
};
