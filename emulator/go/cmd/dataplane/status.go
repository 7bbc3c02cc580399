package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/capture"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/envoy"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/loadbalancer"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/prometheus"
)

// status is the content of status.json.
type status struct {
	PID int `json:"pid"`
	// Envoy is the path of the Envoy in use, empty when there is none.
	Envoy string `json:"envoy"`
	// NoRequests is the reason why requests cannot be carried, empty when they can.
	NoRequests string `json:"noRequests,omitempty"`
	// Ztunnel reports whether istiod's stream to ztunnel is open.
	Ztunnel bool `json:"ztunnel"`
	// Captured lists the Pods whose traffic goes through ztunnel, namespace/name.
	Captured      []string              `json:"captured"`
	Proxies       []envoy.Status        `json:"proxies"`
	Prometheus    []prometheus.Status   `json:"prometheus"`
	LoadBalancers []loadbalancer.Status `json:"loadBalancers"`
	// Problem is the reason why the last reconciliation failed, empty when it did not.
	Problem string `json:"problem,omitempty"`
}

func (d *dataplane) status(problem string) status {
	s := status{
		PID: os.Getpid(), Envoy: d.envoy, NoRequests: d.noRequests, Ztunnel: d.following.Load(), Captured: []string{},
		Proxies: d.envoys.Status(), Prometheus: d.prometheusServers.Status(), LoadBalancers: d.balancers.Status(),
		Problem: problem,
	}
	for _, pod := range d.cluster.Pods() {
		if capture.Is(pod) {
			s.Captured = append(s.Captured, pod.Namespace+"/"+pod.Name)
		}
	}
	slices.SortFunc(s.LoadBalancers, func(a, b loadbalancer.Status) int { return strings.Compare(a.Address, b.Address) })
	slices.SortFunc(s.Prometheus, func(a, b prometheus.Status) int { return strings.Compare(a.Pod, b.Pod) })
	slices.SortFunc(s.Proxies, func(a, b envoy.Status) int { return strings.Compare(a.Pod, b.Pod) })
	return s
}

// writeStatus replaces the file atomically, so that a reader never sees half of it.
func writeStatus(path string, s status) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && string(old) == string(content) {
		return nil
	}
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
