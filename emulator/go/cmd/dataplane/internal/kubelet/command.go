package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/creack/pty"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// command runs on this machine on behalf of a Pod. Of this process's environment it gets only the
// search path: no proxy settings of the machine, no credentials.
type command struct {
	*Kubelet
	pod *corev1.Pod
}

// ExecInContainer returns a CodeExitError for a nonzero exit status, so that kubectl exits with the
// same status.
func (c command) ExecInContainer(
	ctx context.Context, _, _, _ string, args []string, in io.Reader, out, errOut io.WriteCloser,
	tty bool, resize <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	if len(args) == 0 {
		return errors.New("no command")
	}
	proxy, err := c.Proxy(c.pod)
	if err != nil {
		return err
	}
	run := exec.CommandContext(ctx, args[0], args[1:]...)
	run.Dir = c.Home
	run.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + c.Home, "HOSTNAME=" + c.pod.Name, "TERM=xterm", "http_proxy=" + proxy,
	}
	if errors.Is(run.Err, exec.ErrNotFound) {
		message := fmt.Sprintf("The sandbox runs Pod commands on this machine, and %s is not installed here. "+
			"Install it, then try again.\n", args[0])
		for _, w := range []io.Writer{errOut, out} {
			if w != nil {
				_, _ = io.WriteString(w, message)
				break
			}
		}
		return utilexec.CodeExitError{Err: run.Err, Code: 127}
	}
	if tty {
		err = onTerminal(run, in, out, resize)
	} else {
		err = onPipes(run, in, out, errOut)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code := exit.ExitCode()
		if code < 0 {
			code = 137 // ended by a signal
		}
		return utilexec.CodeExitError{Err: exit, Code: code}
	}
	return err
}

func onPipes(run *exec.Cmd, in io.Reader, out, errOut io.Writer) error {
	if out != nil {
		run.Stdout = out
	}
	if errOut != nil {
		run.Stderr = errOut
	}
	if in != nil {
		// Not run.Stdin: Wait would block until the client closes its input, which it may never do.
		stdin, err := run.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			defer stdin.Close()
			_, _ = io.Copy(stdin, in)
		}()
	}
	return run.Run()
}

func onTerminal(run *exec.Cmd, in io.Reader, out io.Writer, resize <-chan remotecommand.TerminalSize) error {
	terminal, err := pty.Start(run)
	if err != nil {
		return err
	}
	defer terminal.Close()
	go func() {
		for size := range resize {
			_ = pty.Setsize(terminal, &pty.Winsize{Rows: size.Height, Cols: size.Width})
		}
	}()
	if in != nil {
		go func() { _, _ = io.Copy(terminal, in) }()
	}
	if out != nil {
		// Reading a terminal fails once the last process that has it open has exited.
		_, _ = io.Copy(out, terminal)
	}
	return run.Wait()
}
