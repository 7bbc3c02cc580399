package ztunnel

import (
	"fmt"
	"net/netip"

	"istio.io/istio/pkg/workloadapi"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
)

// Hop is where ztunnel sends a captured Pod's connection.
type Hop struct {
	To netip.AddrPort
	// Authority is the authority of the HBONE tunnel, empty for a plain connection.
	Authority string
	// Identity is the identity that the other end of the tunnel must prove.
	Identity istiod.Identity
}

// Route sends a connection to the service's waypoint if it has one, otherwise to one of the service's
// workloads. A workload's address leads to that workload's waypoint or to the workload. Addresses
// unknown to istiod are kept.
func (s *State) Route(to netip.AddrPort) (Hop, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if name, service := s.serviceAt(to.Addr()); service != nil {
		if service.Waypoint != nil {
			return s.toWaypoint(service.Waypoint, to)
		}
		workload, target := s.endpoint(name, to.Port())
		if workload == nil {
			return Hop{}, fmt.Errorf("no healthy workload behind %s port %d", service.Hostname, to.Port())
		}
		return toWorkload(workload, target), nil
	}
	workload := s.workloadAt(to.Addr())
	switch {
	case workload == nil:
		return Hop{To: to}, nil
	case workload.Waypoint != nil:
		return s.toWaypoint(workload.Waypoint, to)
	default:
		return toWorkload(workload, to), nil
	}
}

func (s *State) toWaypoint(waypoint *workloadapi.GatewayAddress, to netip.AddrPort) (Hop, error) {
	port := uint16(waypoint.HboneMtlsPort)
	name := ""
	if hostname := waypoint.GetHostname(); hostname != nil {
		name = hostname.Namespace + "/" + hostname.Hostname
	} else if address, ok := netip.AddrFromSlice(waypoint.GetAddress().GetAddress()); ok {
		name, _ = s.serviceAt(address)
	}
	workload, target := s.endpoint(name, port)
	if workload == nil {
		return Hop{}, fmt.Errorf("no healthy workload behind the waypoint %q", name)
	}
	return Hop{To: target, Authority: to.String(), Identity: identity(workload)}, nil
}

func toWorkload(workload *workloadapi.Workload, to netip.AddrPort) Hop {
	if workload.TunnelProtocol != workloadapi.TunnelProtocol_HBONE {
		return Hop{To: to}
	}
	return Hop{To: netip.AddrPortFrom(to.Addr(), HBONEPort), Authority: to.String(), Identity: identity(workload)}
}

func identity(workload *workloadapi.Workload) istiod.Identity {
	account := workload.ServiceAccount
	if account == "" {
		account = "default"
	}
	return istiod.Identity{Namespace: workload.Namespace, ServiceAccount: account}
}
