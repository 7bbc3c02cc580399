package ztunnel

import (
	"net/netip"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"

	"istio.io/istio/pkg/workloadapi/security"
)

const (
	sleep    = "spiffe://cluster.local/ns/default/sa/sleep"
	notsleep = "spiffe://cluster.local/ns/default/sa/notsleep"
)

func TestAuthorize(t *testing.T) {
	const allowSleep = `name: "a" groups { rules { matches { principals { exact: "cluster.local/ns/default/sa/sleep" } } } }`
	for _, c := range []struct {
		name     string
		policies []string
		identity string
		allowed  bool
	}{
		{"no policy", nil, "", true},
		{"the principal", []string{allowSleep}, sleep, true},
		{"another principal", []string{allowSleep}, notsleep, false},
		{"plain traffic", []string{allowSleep}, "", false},
		{"one of two policies", []string{
			allowSleep, `groups { rules { matches { namespaces { exact: "default" } } } }`,
		}, notsleep, true},
		{"a policy without rules denies", []string{`name: "nothing"`}, sleep, false},
		{"a rule without matches allows", []string{`groups { rules {} }`}, "", true},
		{"an empty match denies", []string{`groups { rules { matches {} } }`}, sleep, false},
		{"all rules of a group must match", []string{`groups {
			rules { matches { principals { exact: "cluster.local/ns/default/sa/sleep" } } }
			rules { matches { destination_ports: 80 } }
		}`}, sleep, false},
		{"one match of a rule is enough", []string{`groups { rules {
			matches { destination_ports: 80 }
			matches { principals { prefix: "cluster.local/ns/default/" } }
		} }`}, sleep, true},
		{"deny takes precedence", []string{
			allowSleep, `action: DENY groups { rules { matches { destination_ports: 9080 } } }`,
		}, sleep, false},
		{"deny of another principal", []string{
			`action: DENY groups { rules { matches { service_accounts { namespace: "default" serviceAccount: "notsleep" } } } }`,
		}, sleep, true},
		{"dry run", []string{`dry_run: true name: "nothing"`}, sleep, true},
		{"mutual TLS is strict", []string{
			`action: DENY groups { rules { matches { not_principals { presence {} } } } }`,
		}, "", false},
		{"mutual TLS is strict, with an identity", []string{
			`action: DENY groups { rules { matches { not_principals { presence {} } } } }`,
		}, sleep, true},
		{"a suffix", []string{`groups { rules { matches { principals { suffix: "/sleep" } } } }`}, sleep, true},
		{"a source range", []string{
			`groups { rules { matches { source_ips { address: "\x0a\xf4\x00\x00" length: 24 } } } }`,
		}, "", true},
		{"another source range", []string{
			`groups { rules { matches { not_source_ips { address: "\x0a\xf4\x00\x00" length: 24 } } } }`,
		}, "", false},
		{"a destination", []string{
			`groups { rules { matches { destination_ips { address: "\x0a\xf4\x00\x09" length: 32 } } } }`,
		}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var policies []*security.Authorization
			for _, text := range c.policies {
				policy := &security.Authorization{}
				if err := prototext.Unmarshal([]byte(text), policy); err != nil {
					t.Fatal(err)
				}
				policies = append(policies, policy)
			}
			err := Authorize(Connection{
				Identity: c.identity,
				Source:   netip.MustParseAddr("10.244.0.5"),
				Target:   netip.MustParseAddrPort("10.244.0.6:9080"),
			}, policies)
			if (err == nil) != c.allowed {
				t.Errorf("allowed: %v, expected %v (%v)", err == nil, c.allowed, err)
			}
		})
	}
}
