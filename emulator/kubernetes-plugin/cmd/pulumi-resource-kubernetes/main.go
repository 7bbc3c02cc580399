// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider plugin, built from its Go module. The module's
// own main embeds generated files that the module does not contain.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is the provider's release. To move to another: find the commit of its tag
// (git ls-remote https://github.com/pulumi/pulumi-kubernetes vX.Y.Z), run
// go get github.com/pulumi/pulumi-kubernetes/provider/v4@COMMIT && go mod tidy in this module, and write X.Y.Z here.
// The toolchain reads it from this file.
const version = "4.25.0"

func main() {
	// The Node SDK asks a plugin neither for its schema nor for its mapping to Terraform.
	schema := `{"name":"kubernetes","version":"` + version + `"}`
	provider.Serve("kubernetes", version, []byte(schema), []byte("{}"))
}
