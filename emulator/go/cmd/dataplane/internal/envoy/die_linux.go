package envoy

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel kill the command when this process ends, for whatever reason.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
