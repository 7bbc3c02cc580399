// Package child starts processes that must not outlive this one.
package child

import (
	"os/exec"
	"syscall"
)

// DieWithParent makes the kernel kill the command when the thread that starts it ends, for whatever reason.
func DieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
