//go:build !linux

package envoy

import "os/exec"

// dieWithParent does nothing: only Linux supports it. Elsewhere an Envoy outlives a killed data plane.
func dieWithParent(*exec.Cmd) {}
