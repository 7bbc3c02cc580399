// Package ztunnel simulates Istio's ztunnel: it gets workloads, services and L4 policies from
// istiod, carries connections of captured Pods in HBONE (HTTP/2 CONNECT over mTLS), and enforces the
// policies of the workload at which they arrive. See
// https://istio.io/latest/docs/ambient/architecture/data-plane/.
package ztunnel

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

// Types of the resources that istiod sends to ztunnel.
const (
	AddressType       = "type.googleapis.com/istio.workload.Address"
	AuthorizationType = "type.googleapis.com/istio.security.Authorization"
)

// State holds the resources that istiod has sent, by name.
type State struct {
	mu        sync.RWMutex
	workloads map[string]*workloadapi.Workload
	services  map[string]*workloadapi.Service
	policies  map[string]*security.Authorization
}

// Set adds a resource or replaces the one of the same name.
func (s *State) Set(name string, resource *anypb.Any) error {
	message, err := resource.UnmarshalNew()
	if err != nil {
		return err
	}
	slog.Debug("ztunnel: received", "name", name, "resource", message)
	s.Remove(resource.TypeUrl, name)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch message := message.(type) {
	case *workloadapi.Address:
		if workload := message.GetWorkload(); workload != nil {
			s.workloads[name] = workload
		} else {
			s.services[name] = message.GetService()
		}
	case *security.Authorization:
		s.policies[name] = message
	}
	return nil
}

// Remove removes a resource.
func (s *State) Remove(typeURL, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workloads == nil {
		s.workloads = map[string]*workloadapi.Workload{}
		s.services = map[string]*workloadapi.Service{}
		s.policies = map[string]*security.Authorization{}
	}
	if typeURL == AuthorizationType {
		delete(s.policies, name)
		return
	}
	delete(s.workloads, name)
	delete(s.services, name)
}

// Names lists the resources of a type, for a new stream.
func (s *State) Names(typeURL string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var names []string
	if typeURL == AuthorizationType {
		for name := range s.policies {
			names = append(names, name)
		}
		return names
	}
	for name := range s.workloads {
		names = append(names, name)
	}
	for name := range s.services {
		names = append(names, name)
	}
	return names
}

// workloadAt returns the workload with this address, or nil.
func (s *State) workloadAt(address netip.Addr) *workloadapi.Workload {
	for _, workload := range s.workloads {
		if workload.NetworkMode == workloadapi.NetworkMode_HOST_NETWORK {
			continue
		}
		for _, bytes := range workload.Addresses {
			if is(bytes, address) {
				return workload
			}
		}
	}
	return nil
}

// serviceAt returns the service with this address, and its name as workloads refer to it, or nil.
func (s *State) serviceAt(address netip.Addr) (string, *workloadapi.Service) {
	for name, service := range s.services {
		for _, at := range service.Addresses {
			if is(at.Address, address) {
				return name, service
			}
		}
	}
	return "", nil
}

// endpoint picks one of the healthy workloads behind a service's port.
func (s *State) endpoint(service string, port uint16) (*workloadapi.Workload, netip.AddrPort) {
	var candidates []*workloadapi.Workload
	var targets []netip.AddrPort
	for _, workload := range s.workloads {
		if workload.Status != workloadapi.WorkloadStatus_HEALTHY || len(workload.Addresses) == 0 {
			continue
		}
		for _, p := range workload.Services[service].GetPorts() {
			if address, ok := netip.AddrFromSlice(workload.Addresses[0]); ok && p.ServicePort == uint32(port) {
				candidates = append(candidates, workload)
				targets = append(targets, netip.AddrPortFrom(address, uint16(p.TargetPort)))
			}
		}
	}
	if len(candidates) == 0 {
		return nil, netip.AddrPort{}
	}
	at := rand.IntN(len(candidates))
	return candidates[at], targets[at]
}

// policiesFor returns the policies that apply to a workload: those of the whole mesh, of its
// namespace, and those that istiod lists with it.
func (s *State) policiesFor(workload *workloadapi.Workload) []*security.Authorization {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []*security.Authorization
	for _, policy := range s.policies {
		switch policy.Scope {
		case security.Scope_GLOBAL:
			found = append(found, policy)
		case security.Scope_NAMESPACE:
			if policy.Namespace == workload.Namespace {
				found = append(found, policy)
			}
		}
	}
	for _, name := range workload.AuthorizationPolicies {
		if policy, ok := s.policies[name]; ok {
			found = append(found, policy)
		}
	}
	return found
}

// Workload returns a copy of the workload with this address, or nil.
func (s *State) Workload(address netip.Addr) *workloadapi.Workload {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if workload := s.workloadAt(address); workload != nil {
		return proto.Clone(workload).(*workloadapi.Workload)
	}
	return nil
}

func is(bytes []byte, address netip.Addr) bool {
	other, ok := netip.AddrFromSlice(bytes)
	return ok && other == address
}
