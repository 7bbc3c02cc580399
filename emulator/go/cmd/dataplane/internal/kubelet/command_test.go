package kubelet

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilexec "k8s.io/utils/exec"
)

type buffer struct{ bytes.Buffer }

func (*buffer) Close() error { return nil }

func run(t *testing.T, in string, tty bool, args ...string) (out, errOut string, err error) {
	t.Helper()
	c := command{
		&Kubelet{Home: t.TempDir(), Proxy: func(pod *corev1.Pod) (string, error) { return "http://proxy-of-" + pod.Name, nil }},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "sleep-1"}},
	}
	var stdout, stderr buffer
	err = c.ExecInContainer(context.Background(), "", "", "sleep", args, strings.NewReader(in), &stdout, &stderr, tty, nil, 0)
	return stdout.String(), stderr.String(), err
}

func TestCommandRunsAsThePod(t *testing.T) {
	t.Setenv("OCI_CLI_PASSPHRASE", "secret")
	out, _, err := run(t, "", false, "sh", "-c", "echo $HOSTNAME $http_proxy $OCI_CLI_PASSPHRASE.")
	if err != nil || out != "sleep-1 http://proxy-of-sleep-1 .\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCommandReadsItsInput(t *testing.T) {
	if out, _, err := run(t, "hello", false, "cat"); err != nil || out != "hello" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCommandOnATerminal(t *testing.T) {
	if out, _, err := run(t, "", true, "sh", "-c", "test -t 1 && echo terminal"); err != nil || out != "terminal\r\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCommandsExitStatus(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"sh", "-c", "echo failed >&2; exit 56"}, 56, "failed"},
		{[]string{"sh", "-c", "kill -9 $$"}, 137, ""},
		{[]string{"no-such-command"}, 127, "no-such-command is not installed"},
	} {
		_, errOut, err := run(t, "", false, c.args...)
		var exit utilexec.CodeExitError
		if !errors.As(err, &exit) || exit.Code != c.code || !strings.Contains(errOut, c.says) {
			t.Errorf("%v: %v, %q", c.args, err, errOut)
		}
	}
}
