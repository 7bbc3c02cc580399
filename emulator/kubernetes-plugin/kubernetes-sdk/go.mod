// What pulumi-resource-kubernetes needs of the provider's Go SDK, instead of 26 MB of generated types that cost
// minutes to compile. See go/kubernetes/yaml/v2.
module github.com/pulumi/pulumi-kubernetes/sdk/v4

go 1.26.0

require github.com/pulumi/pulumi/sdk/v3 v3.215.0
