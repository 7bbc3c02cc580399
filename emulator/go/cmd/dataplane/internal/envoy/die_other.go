//go:build !linux

package envoy

import "os/exec"

// dieWithParent: only Linux can; elsewhere an Envoy outlives a data plane that was killed.
func dieWithParent(*exec.Cmd) {}
