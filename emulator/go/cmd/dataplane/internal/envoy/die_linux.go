package envoy

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the command when this process is gone, however it went.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
