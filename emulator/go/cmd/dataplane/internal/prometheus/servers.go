// Package prometheus runs the real Prometheus for each Pod that has one: with the arguments of the
// Pod, on the configuration that the Pod mounts, as its service account.
package prometheus

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
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

	// mu guards the maps only: every connection asks for a server, and starting one waits for the API server.
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

// Reconcile starts and stops servers to match the given Pods, and keeps their volumes current. Its
// calls must not overlap.
func (s *Servers) Reconcile(ctx context.Context, pods []*corev1.Pod) {
	failed := map[types.UID]Status{}
	wanted := map[string]bool{}
	for _, pod := range pods {
		if container(pod) == nil {
			continue
		}
		wanted[string(pod.UID)] = true
		if err := s.reconcile(ctx, pod); err != nil {
			name := pod.Namespace + "/" + pod.Name
			if s.failed[pod.UID].Problem != err.Error() {
				slog.Error("prometheus: not started, or its volumes not updated", "pod", name, "error", err)
			}
			failed[pod.UID] = Status{Pod: name, Problem: err.Error()}
		}
	}
	s.mu.Lock()
	s.failed = failed
	for uid, running := range s.servers {
		if !wanted[string(uid)] {
			go func() {
				running.stop()
				_ = os.Remove(running.log)
			}()
			delete(s.servers, uid)
		}
	}
	s.mu.Unlock()
	// A Pod's volumes end with it; those of an earlier run of this process may still be there.
	entries, _ := os.ReadDir(s.Dir)
	for _, entry := range entries {
		if !wanted[entry.Name()] {
			_ = os.RemoveAll(filepath.Join(s.Dir, entry.Name()))
		}
	}
}

func (s *Servers) reconcile(ctx context.Context, pod *corev1.Pod) error {
	if s.Binary == "" {
		return errNoBinary
	}
	folder := filepath.Join(s.Dir, string(pod.UID))
	if err := mount(folder, pod, s.ConfigMap); err != nil {
		return err
	}
	if s.of(pod) != nil {
		return nil
	}
	started, err := s.start(ctx, pod, folder)
	if err != nil {
		return err
	}
	slog.Info("prometheus: started", "pod", started.pod, "log", started.log)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.servers == nil {
		s.servers = map[types.UID]*server{}
	}
	s.servers[pod.UID] = started
	return nil
}

func (s *Servers) of(pod *corev1.Pod) *server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.servers[pod.UID]
}

// Server returns the address on which a Pod's Prometheus listens for one of the Pod's ports.
func (s *Servers) Server(pod *corev1.Pod, port uint16) (netip.AddrPort, bool) {
	running := s.of(pod)
	if running == nil || running.port != port {
		return netip.AddrPort{}, false
	}
	address, _ := running.get()
	return address, address.IsValid()
}

// Log returns the path of the log of a Pod's Prometheus, empty when the Pod has none.
func (s *Servers) Log(pod *corev1.Pod) string {
	if running := s.of(pod); running != nil {
		return running.log
	}
	return ""
}

// Status returns the status of every Pod's Prometheus.
func (s *Servers) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Status{}
	for uid, running := range s.servers {
		address, problem := running.get()
		status := Status{Pod: running.pod, Log: running.log, Problem: problem}
		if address.IsValid() {
			status.Address = address.String()
		}
		if failed, ok := s.failed[uid]; ok && problem == "" {
			status.Problem = failed.Problem
		}
		all = append(all, status)
	}
	for uid, status := range s.failed {
		if s.servers[uid] == nil {
			all = append(all, status)
		}
	}
	return all
}

// Stop stops every Prometheus and returns when all have exited.
func (s *Servers) Stop() {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.servers))
	clear(s.servers)
	s.mu.Unlock()
	for _, running := range all {
		running.stop()
	}
}
