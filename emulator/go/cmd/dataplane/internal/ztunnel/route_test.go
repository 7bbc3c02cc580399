package ztunnel

import (
	"net/netip"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/types/known/anypb"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
)

// As istiod sends them: a Service behind a waypoint, one without, their workloads.
var addresses = map[string]string{
	"default/productpage.default.svc.cluster.local": `service {
		name: "productpage" namespace: "default" hostname: "productpage.default.svc.cluster.local"
		addresses { address: "\x0a\x60\x00\x01" } ports { service_port: 9080 target_port: 9080 }
		waypoint { hostname { namespace: "default" hostname: "waypoint.default.svc.cluster.local" } hbone_mtls_port: 15008 }
	}`,
	"default/details.default.svc.cluster.local": `service {
		name: "details" namespace: "default" hostname: "details.default.svc.cluster.local"
		addresses { address: "\x0a\x60\x00\x02" } ports { service_port: 80 target_port: 9080 }
	}`,
	"default/waypoint.default.svc.cluster.local": `service {
		name: "waypoint" namespace: "default" hostname: "waypoint.default.svc.cluster.local"
		addresses { address: "\x0a\x60\x00\x03" } ports { service_port: 15008 target_port: 15008 }
	}`,
	"Kubernetes//Pod/default/details-v1": `workload {
		uid: "Kubernetes//Pod/default/details-v1" name: "details-v1" namespace: "default" service_account: "bookinfo-details"
		addresses: "\x0a\xf4\x00\x02" tunnel_protocol: HBONE authorization_policies: "default/own"
		services { key: "default/details.default.svc.cluster.local" value { ports { service_port: 80 target_port: 9080 } } }
	}`,
	"Kubernetes//Pod/default/details-v2": `workload {
		uid: "Kubernetes//Pod/default/details-v2" name: "details-v2" namespace: "default" addresses: "\x0a\xf4\x00\x05" status: UNHEALTHY
		services { key: "default/details.default.svc.cluster.local" value { ports { service_port: 80 target_port: 9080 } } }
	}`,
	"Kubernetes//Pod/default/waypoint": `workload {
		uid: "Kubernetes//Pod/default/waypoint" name: "waypoint" namespace: "default" service_account: "waypoint" addresses: "\x0a\xf4\x00\x03"
		services { key: "default/waypoint.default.svc.cluster.local" value { ports { service_port: 15008 target_port: 15008 } } }
	}`,
	"Kubernetes//Pod/other/plain": `workload {
		uid: "Kubernetes//Pod/other/plain" name: "plain" namespace: "other" addresses: "\x0a\xf4\x00\x04"
	}`,
}

func state(t *testing.T) *State {
	t.Helper()
	s := &State{}
	for name, text := range addresses {
		address := &workloadapi.Address{}
		if err := prototext.Unmarshal([]byte(text), address); err != nil {
			t.Fatal(err)
		}
		packed, err := anypb.New(address)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Set(name, packed); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestRoute(t *testing.T) {
	s := state(t)
	for _, c := range []struct {
		name, to string
		hop      Hop
	}{
		{"a service's waypoint", "10.96.0.1:9080", Hop{
			netip.MustParseAddrPort("10.244.0.3:15008"), "10.96.0.1:9080", istiod.Identity{Namespace: "default", ServiceAccount: "waypoint"},
		}},
		{"a service's healthy workload, at its own port", "10.96.0.2:80", Hop{
			netip.MustParseAddrPort("10.244.0.2:15008"), "10.244.0.2:9080", istiod.Identity{Namespace: "default", ServiceAccount: "bookinfo-details"},
		}},
		{"a workload by its address", "10.244.0.2:9080", Hop{
			netip.MustParseAddrPort("10.244.0.2:15008"), "10.244.0.2:9080", istiod.Identity{Namespace: "default", ServiceAccount: "bookinfo-details"},
		}},
		{"a workload outside the mesh", "10.244.0.4:9080", Hop{To: netip.MustParseAddrPort("10.244.0.4:9080")}},
		{"an unknown address", "192.0.2.1:443", Hop{To: netip.MustParseAddrPort("192.0.2.1:443")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			hop, err := s.Route(netip.MustParseAddrPort(c.to))
			if err != nil || hop != c.hop {
				t.Errorf("%+v, %v; expected %+v", hop, err, c.hop)
			}
		})
	}
	if _, err := s.Route(netip.MustParseAddrPort("10.96.0.2:81")); err == nil || !strings.Contains(err.Error(), "port 81") {
		t.Errorf("a port that the service does not have: %v", err)
	}
	s.Remove(AddressType, "Kubernetes//Pod/default/waypoint")
	if _, err := s.Route(netip.MustParseAddrPort("10.96.0.1:9080")); err == nil || !strings.Contains(err.Error(), "waypoint") {
		t.Errorf("a waypoint without a Pod: %v", err)
	}
}

func TestPoliciesFor(t *testing.T) {
	s := state(t)
	for name, policy := range map[string]*security.Authorization{
		"default/own":         {Name: "own", Namespace: "default", Scope: security.Scope_WORKLOAD_SELECTOR},
		"default/others":      {Name: "others", Namespace: "default", Scope: security.Scope_WORKLOAD_SELECTOR},
		"default/all":         {Name: "all", Namespace: "default", Scope: security.Scope_NAMESPACE},
		"other/all":           {Name: "all", Namespace: "other", Scope: security.Scope_NAMESPACE},
		"istio-system/global": {Name: "global", Namespace: "istio-system", Scope: security.Scope_GLOBAL},
	} {
		packed, err := anypb.New(policy)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Set(name, packed); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]bool{}
	for _, policy := range s.policiesFor(s.Workload(netip.MustParseAddr("10.244.0.2"))) {
		found[policy.Namespace+"/"+policy.Name] = true
	}
	if len(found) != 3 || !found["default/own"] || !found["default/all"] || !found["istio-system/global"] {
		t.Errorf("policies of details-v1: %v", found)
	}
	if names := s.Names(AuthorizationType); len(names) != 5 {
		t.Errorf("names of policies: %v", names)
	}
}
