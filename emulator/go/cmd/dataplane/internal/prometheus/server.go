package prometheus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/child"
)

var errNoBinary = errors.New("there is no Prometheus to run for it")

// server is one Pod's Prometheus.
type server struct {
	pod     string // namespace/name
	address netip.AddrPort
	port    uint16
	log     string

	cancel context.CancelFunc
	done   chan struct{}
}

func (s *Servers) start(pod *corev1.Pod, folder string) (*server, error) {
	listen, err := s.Free()
	if err != nil {
		return nil, err
	}
	c := container(pod)
	line, err := translate(c.Args, pathIn(folder, c), listen)
	if err != nil {
		return nil, err
	}
	proxy, err := s.Proxy(pod)
	if err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(folder, "kubeconfig")
	if err := s.writeKubeconfig(pod, kubeconfig); err != nil {
		return nil, err
	}
	started := &server{
		pod: pod.Namespace + "/" + pod.Name, address: listen, port: line.port,
		log: filepath.Join(s.Logs, "prometheus-"+pod.Name+".log"), done: make(chan struct{}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	started.cancel = cancel
	command := func() *exec.Cmd {
		command := exec.CommandContext(ctx, s.Binary, line.arguments...)
		command.Dir = folder
		// Read by emulator/prometheus/pod.go.
		command.Env = []string{"POD_KUBECONFIG=" + kubeconfig, "POD_NETWORK_PROXY=" + proxy}
		command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
		command.WaitDelay = 5 * time.Second
		child.DieWithParent(command)
		return command
	}
	go func() {
		defer close(started.done)
		started.run(ctx, command)
	}()
	return started, nil
}

func (s *server) run(ctx context.Context, command func() *exec.Cmd) {
	// The kernel ends a child with the thread that started it (see DieWithParent).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for ctx.Err() == nil {
		err := s.runOnce(command())
		if ctx.Err() != nil {
			return
		}
		slog.Error("prometheus: exited, restarting", "pod", s.pod, "log", s.log, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

func (s *server) runOnce(command *exec.Cmd) error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	return command.Run()
}

func (s *server) stop() {
	s.cancel()
	<-s.done
}

// writeKubeconfig writes a kubeconfig of the Pod's service account, so that its RBAC applies. The token
// ends with the Pod.
func (s *Servers) writeKubeconfig(pod *corev1.Pod, file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	seconds := int64((365 * 24 * time.Hour).Seconds())
	account := pod.Spec.ServiceAccountName
	reply, err := s.Client.CoreV1().ServiceAccounts(pod.Namespace).CreateToken(ctx, account,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
			ExpirationSeconds: &seconds,
			BoundObjectRef:    &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
		}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("token of %s/%s: %w", pod.Namespace, account, err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["cluster"] = &clientcmdapi.Cluster{
		Server: s.API.Host, CertificateAuthorityData: s.API.CAData, CertificateAuthority: s.API.CAFile,
	}
	config.AuthInfos["pod"] = &clientcmdapi.AuthInfo{Token: reply.Status.Token}
	config.Contexts["pod"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: "pod"}
	config.CurrentContext = "pod"
	return clientcmd.WriteToFile(*config, file)
}
