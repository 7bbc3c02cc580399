// Package kubernetes is the part of Pulumi's Kubernetes SDK that its provider uses.
package kubernetes

import "reflect"

// UntypedArgs are the properties of any Kubernetes object.
type UntypedArgs map[string]any

// ElementType makes UntypedArgs a pulumi.Input.
func (UntypedArgs) ElementType() reflect.Type { return reflect.TypeFor[map[string]any]() }
