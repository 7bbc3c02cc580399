// Package prometheus runs the real Prometheus for each Pod that has one: with the arguments of the
// Pod, on the configuration that the Pod mounts, as its service account.
package prometheus

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Servers runs one Prometheus for each Pod.
type Servers struct {
	// Binary is the path of Prometheus, empty when there is none.
	Binary string
	// Dir holds the Pods' volumes, Logs their logs.
	Dir, Logs string
	Client    kubernetes.Interface
	// API says how to reach the API server.
	API *rest.Config
	// ConfigMap returns the data of a ConfigMap, nil when there is none.
	ConfigMap func(namespace, name string) map[string]string
	// Proxy returns the URL of the HTTP proxy that sends as the Pod.
	Proxy func(pod *corev1.Pod) (string, error)
	// Free returns a loopback address that is free.
	Free func() (netip.AddrPort, error)

	mu      sync.Mutex
	servers map[types.UID]*server
	failed  map[types.UID]Status
}

// Status is the status of one Pod's Prometheus.
type Status struct {
	Pod string `json:"pod"`
	// Address is where it listens on this machine, empty when it does not run.
	Address string `json:"address"`
	Log     string `json:"log,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// Reconcile starts and stops servers to match the given Pods, and keeps their volumes current.
func (s *Servers) Reconcile(pods []*corev1.Pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.servers == nil {
		s.servers = map[types.UID]*server{}
	}
	before := s.failed
	s.failed = map[types.UID]Status{}
	wanted := map[string]bool{}
	for _, pod := range pods {
		if container(pod) == nil {
			continue
		}
		wanted[string(pod.UID)] = true
		if err := s.reconcile(pod); err != nil {
			name := pod.Namespace + "/" + pod.Name
			if before[pod.UID].Problem != err.Error() {
				slog.Error("prometheus: not started", "pod", name, "error", err)
			}
			s.failed[pod.UID] = Status{Pod: name, Problem: err.Error()}
		}
	}
	for uid, running := range s.servers {
		if !wanted[string(uid)] {
			go running.stop()
			delete(s.servers, uid)
		}
	}
	// A Pod's volumes end with it; those of an earlier run of this process may still be there.
	entries, _ := os.ReadDir(s.Dir)
	for _, entry := range entries {
		if !wanted[entry.Name()] {
			_ = os.RemoveAll(filepath.Join(s.Dir, entry.Name()))
		}
	}
}

func (s *Servers) reconcile(pod *corev1.Pod) error {
	if s.Binary == "" {
		return errNoBinary
	}
	folder := filepath.Join(s.Dir, string(pod.UID))
	if err := mount(folder, pod, s.ConfigMap); err != nil {
		return err
	}
	if s.servers[pod.UID] != nil {
		return nil
	}
	started, err := s.start(pod, folder)
	if err != nil {
		return err
	}
	slog.Info("prometheus: started", "pod", started.pod, "address", started.address)
	s.servers[pod.UID] = started
	return nil
}

// Server returns the address on which a Pod's Prometheus listens for one of the Pod's ports.
func (s *Servers) Server(pod *corev1.Pod, port uint16) (netip.AddrPort, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if running := s.servers[pod.UID]; running != nil && running.port == port {
		return running.address, true
	}
	return netip.AddrPort{}, false
}

// Log returns the path of the log of a Pod's Prometheus, empty when the Pod has none.
func (s *Servers) Log(pod *corev1.Pod) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if running := s.servers[pod.UID]; running != nil {
		return running.log
	}
	return ""
}

// Status returns the status of every Pod's Prometheus.
func (s *Servers) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Status{}
	for _, running := range s.servers {
		all = append(all, Status{Pod: running.pod, Address: running.address.String(), Log: running.log})
	}
	for _, status := range s.failed {
		all = append(all, status)
	}
	return all
}

// Stop stops every Prometheus and returns when all have exited.
func (s *Servers) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for uid, running := range s.servers {
		running.stop()
		delete(s.servers, uid)
	}
}
