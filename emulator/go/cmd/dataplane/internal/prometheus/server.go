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
	"sync"
	"syscall"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/child"
)

var errNoBinary = errors.New("Prometheus is not built on this machine; `npm run -s sandbox -- up` builds it")

// settled is how long a Prometheus has to run until its last failure is history.
const settled = 3 * time.Second

// server is one Pod's Prometheus.
type server struct {
	pod  string // namespace/name
	port uint16
	log  string

	mu sync.Mutex
	// address is where it listens, invalid while it does not run.
	address netip.AddrPort
	// problem is why it last exited, empty when it runs.
	problem string

	cancel context.CancelFunc
	done   chan struct{}
}

func (s *Servers) start(ctx context.Context, pod *corev1.Pod, folder string) (*server, error) {
	c := container(pod)
	line := func(listen netip.AddrPort) (commandLine, error) {
		return translate(c.Args, pathIn(folder, c), listen)
	}
	first, err := line(netip.AddrPort{})
	if err != nil {
		return nil, err
	}
	proxy, err := s.Proxy(pod)
	if err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(folder, "kubeconfig")
	if err := s.writeKubeconfig(ctx, pod, kubeconfig); err != nil {
		return nil, err
	}
	started := &server{
		pod: pod.Namespace + "/" + pod.Name, port: first.port, done: make(chan struct{}),
		log: filepath.Join(s.Logs, "prometheus-"+pod.Namespace+"-"+pod.Name+".log"),
	}
	running, cancel := context.WithCancel(context.Background())
	started.cancel = cancel
	runOnce := func() error {
		// A port is only free at the moment, so each start has another one.
		listen, err := s.Free()
		if err != nil {
			return err
		}
		here, err := line(listen)
		if err != nil {
			return err
		}
		command := exec.CommandContext(running, s.Binary, here.arguments...)
		command.Dir = folder
		// Read by emulator/prometheus/pod.go.
		command.Env = []string{"POD_KUBECONFIG=" + kubeconfig, "POD_NETWORK_PROXY=" + proxy}
		command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
		command.WaitDelay = 5 * time.Second
		child.DieWithParent(command)
		return started.runOnce(command, listen)
	}
	go func() {
		defer close(started.done)
		child.KeepRunning(running, runOnce, func(err error) {
			started.set(netip.AddrPort{}, fmt.Sprint("it exited and is started again: ", err))
			slog.Error("prometheus: exited, restarting", "pod", started.pod, "log", started.log, "error", err)
		})
	}()
	return started, nil
}

func (s *server) runOnce(command *exec.Cmd, listen netip.AddrPort) error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		return err
	}
	_, problem := s.get()
	s.set(listen, problem)
	recovered := time.AfterFunc(settled, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.address == listen {
			s.problem = ""
		}
	})
	defer recovered.Stop()
	if err := command.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, child.LastLine(s.log))
	}
	return errors.New("it ended by itself")
}

func (s *server) get() (address netip.AddrPort, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address, s.problem
}

func (s *server) set(address netip.AddrPort, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address, s.problem = address, problem
}

func (s *server) stop() {
	s.cancel()
	<-s.done
}

// writeKubeconfig writes a kubeconfig of the Pod's service account, so that its RBAC applies. The token
// ends with the Pod.
func (s *Servers) writeKubeconfig(ctx context.Context, pod *corev1.Pod, file string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
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
