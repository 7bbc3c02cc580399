package ztunnel

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"istio.io/istio/pkg/workloadapi/security"
)

// Connection holds the properties that an L4 policy can match.
type Connection struct {
	// Identity is the peer's SPIFFE URI, empty for plain traffic.
	Identity string
	Source   netip.Addr
	Target   netip.AddrPort
}

// Authorize decides as ztunnel does: a DENY policy that matches denies; if there are ALLOW
// policies, one of them must match. The error names the policy that denied.
func Authorize(connection Connection, policies []*security.Authorization) error {
	var allows []string
	for _, policy := range policies {
		name := policy.Namespace + "/" + policy.Name
		switch {
		case policy.DryRun:
		case policy.Action == security.Action_DENY:
			if matches(policy, connection) {
				return fmt.Errorf("denied by policy %s", name)
			}
		default:
			allows = append(allows, name)
		}
	}
	if len(allows) == 0 {
		return nil
	}
	for _, policy := range policies {
		if policy.Action == security.Action_ALLOW && !policy.DryRun && matches(policy, connection) {
			return nil
		}
	}
	return fmt.Errorf("allowed by none of the policies %s", strings.Join(allows, ", "))
}

// matches reports whether one of the groups matches: in it every rule, and in each rule one match.
func matches(policy *security.Authorization, c Connection) bool {
	return slices.ContainsFunc(policy.Groups, func(group *security.Group) bool {
		for _, rule := range group.Rules {
			if len(rule.Matches) > 0 && !slices.ContainsFunc(rule.Matches, c.meets) {
				return false
			}
		}
		return true
	})
}

// meets reports whether every condition of a match holds. An empty match never holds.
func (c Connection) meets(m *security.Match) bool {
	principal, spiffe := strings.CutPrefix(c.Identity, "spiffe://")
	namespace, serviceAccount := split(principal)
	text := func(value string) func(*security.StringMatch) bool {
		return func(m *security.StringMatch) bool { return matchString(m, value) }
	}
	within := func(value netip.Addr) func(*security.Address) bool {
		return func(cidr *security.Address) bool { return contains(cidr, value) }
	}
	return proto.Size(m) > 0 &&
		holds(m.Principals, m.NotPrincipals, func(m *security.StringMatch) bool {
			return spiffe && matchString(m, principal)
		}) &&
		holds(m.Namespaces, m.NotNamespaces, text(namespace)) &&
		holds(m.ServiceAccounts, m.NotServiceAccounts, func(m *security.ServiceAccountMatch) bool {
			return spiffe && m.Namespace == namespace && m.ServiceAccount == serviceAccount
		}) &&
		holds(m.SourceIps, m.NotSourceIps, within(c.Source)) &&
		holds(m.DestinationIps, m.NotDestinationIps, within(c.Target.Addr())) &&
		holds(m.DestinationPorts, m.NotDestinationPorts, func(port uint32) bool {
			return port == uint32(c.Target.Port())
		})
}

func holds[T any](positive, negative []T, match func(T) bool) bool {
	return (len(positive) == 0 || slices.ContainsFunc(positive, match)) &&
		!slices.ContainsFunc(negative, match)
}

// split parses `trust domain/ns/NAMESPACE/sa/ACCOUNT`.
func split(principal string) (namespace, serviceAccount string) {
	parts := strings.Split(principal, "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" {
		return "", ""
	}
	return parts[2], parts[4]
}

func matchString(m *security.StringMatch, value string) bool {
	switch m := m.MatchType.(type) {
	case *security.StringMatch_Exact:
		return value == m.Exact
	case *security.StringMatch_Prefix:
		return strings.HasPrefix(value, m.Prefix)
	case *security.StringMatch_Suffix:
		return strings.HasSuffix(value, m.Suffix)
	case *security.StringMatch_Presence:
		return value != ""
	}
	return false
}

func contains(cidr *security.Address, value netip.Addr) bool {
	address, ok := netip.AddrFromSlice(cidr.Address)
	return ok && netip.PrefixFrom(address, int(cidr.Length)).Contains(value)
}
