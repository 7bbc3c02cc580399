// Package v2 is the part of Pulumi's Kubernetes SDK through which the provider's components register their children.
package v2

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var errLeftOut = errors.New(
	"this build of the kubernetes plugin leaves out the components kubernetes:yaml/v2, kubernetes:helm.sh/v4 and " +
		"kubernetes:kustomize/v2, because they take minutes to compile; use kubernetes:helm.sh/v3:Release or the " +
		"resources themselves, or put a released pulumi-resource-kubernetes on PATH: " +
		"https://github.com/pulumi/pulumi-kubernetes/releases")

// RegisterResource always fails. The SDK's own has a constructor for each of the kinds of Kubernetes; this project's
// program registers none of the components that call it.
func RegisterResource(
	_ *pulumi.Context, _, _, _ string, _ pulumi.Input, _ ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	return nil, errLeftOut
}
