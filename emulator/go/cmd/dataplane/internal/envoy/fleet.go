package envoy

import (
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

// Fleet runs one Envoy for each waypoint and gateway Pod.
type Fleet struct {
	Binary  string
	Sockets string // short path of a folder for Unix sockets
	Logs    string
	Istiod  *istiod.Istiod
	Network *network.Network

	mu      sync.Mutex
	proxies map[types.UID]*Proxy
}

// Reconcile starts and stops Envoys to match the given Pods.
func (f *Fleet) Reconcile(pods []*corev1.Pod) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Binary == "" {
		return
	}
	if f.proxies == nil {
		f.proxies = map[types.UID]*Proxy{}
	}
	wanted := map[types.UID]bool{}
	for _, pod := range pods {
		if container, _ := Container(pod); container == nil {
			continue
		}
		wanted[pod.UID] = true
		if f.proxies[pod.UID] != nil {
			continue
		}
		proxy, err := Start(f.Binary, filepath.Join(f.Sockets, string(pod.UID)[:8]),
			filepath.Join(f.Logs, "envoy-"+pod.Name+".log"), pod, f.Istiod, f.Network)
		if err != nil {
			slog.Error("envoy: not started", "pod", pod.Namespace+"/"+pod.Name, "error", err)
			continue
		}
		slog.Info("envoy: started", "pod", proxy.Name)
		f.proxies[pod.UID] = proxy
	}
	for uid, proxy := range f.proxies {
		if !wanted[uid] {
			delete(f.proxies, uid)
			go proxy.Stop()
		}
	}
}

// Server returns the address on which a Pod's Envoy listens for one of the Pod's ports.
func (f *Fleet) Server(pod *corev1.Pod, port uint16) (netip.AddrPort, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if proxy := f.proxies[pod.UID]; proxy != nil {
		return proxy.Server(port)
	}
	return netip.AddrPort{}, false
}

// Log returns the path of the log of a Pod's Envoy, empty when the Pod has no Envoy.
func (f *Fleet) Log(pod *corev1.Pod) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if proxy := f.proxies[pod.UID]; proxy != nil {
		return proxy.log
	}
	return ""
}

// Status is the status of one Envoy.
type Status struct {
	Pod string `json:"pod"`
	// Listening reports whether istiod has sent listeners.
	Listening bool `json:"listening"`
	// Rejected holds Envoy's reasons for configuration that it rejected.
	Rejected []string `json:"rejected,omitempty"`
	Log      string   `json:"log"`
}

// Status returns the status of every Envoy.
func (f *Fleet) Status() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []Status{}
	for _, proxy := range f.proxies {
		all = append(all, proxy.status())
	}
	return all
}

// Stop stops every Envoy and returns when all have exited.
func (f *Fleet) Stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for uid, proxy := range f.proxies {
		proxy.Stop()
		delete(f.proxies, uid)
	}
}
