//go:build !linux

// Package child starts processes that must not outlive this one.
package child

import "os/exec"

// DieWithParent does nothing: only Linux supports it. Elsewhere the command outlives a killed data plane.
func DieWithParent(*exec.Cmd) {}
