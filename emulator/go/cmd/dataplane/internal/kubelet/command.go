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

// command runs on this machine in a Pod's name. It gets none of this process's environment but
// the search path: no proxy of the machine, no credentials.
type command struct {
	*Kubelet
	pod *corev1.Pod
}

// ExecInContainer returns a CodeExitError when the command ends with a status, so that kubectl ends
// with the same.
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
		message := fmt.Sprintf("The sandbox runs the commands of Pods on this machine, and there is no %s on it. "+
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
		// Not run.Stdin: Wait would wait for the end of an input that nobody ends.
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
		// A terminal ends with an error once the last process that has it open is gone.
		_, _ = io.Copy(out, terminal)
	}
	return run.Wait()
}
