package envoy

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	_ "istio.io/api/envoy/config/filter/http/alpn/v2alpha1"
	_ "istio.io/api/envoy/extensions/stats"
)

var update = flag.Bool("update", false, "write the golden files")

// Each file in testdata is a resource from istiod; the golden file beside it is the translation for Envoy.
func TestTranslate(t *testing.T) {
	inputs, err := filepath.Glob("testdata/*.json")
	if err != nil || len(inputs) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, input := range inputs {
		if strings.HasSuffix(input, ".golden.json") {
			continue
		}
		t.Run(filepath.Base(input), func(t *testing.T) {
			translated, err := testTranslator().translate(read(t, input))
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(input, ".json") + ".golden.json"
			if *update {
				write(t, golden, translated)
			}
			if expected := read(t, golden); !proto.Equal(unpack(t, translated), unpack(t, expected)) {
				t.Errorf("translated:\n%s", protojson.Format(translated))
			}
			again, err := testTranslator().translate(read(t, input))
			if err != nil || string(again.Value) != string(translated.Value) {
				t.Error("the same configuration is not translated to the same bytes")
			}
		})
	}
}

func testTranslator() *translator {
	return &translator{
		// 10.244.0.x:port is reached at 127.0.0.x:port+1.
		address: func(to netip.AddrPort) (netip.AddrPort, error) {
			bytes := to.Addr().As4()
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, bytes[3]}), to.Port()+1), nil
		},
		free: func() (netip.AddrPort, error) { return netip.MustParseAddrPort("127.0.0.1:40000"), nil },
	}
}

func TestTranslatorKeepsListenersWhereTheyAre(t *testing.T) {
	next := uint16(40000)
	translator := testTranslator()
	translator.free = func() (netip.AddrPort, error) {
		next++
		return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), next), nil
	}
	if translator.listens() {
		t.Error("listens before it has a listener")
	}
	for range 2 {
		if _, err := translator.translate(read(t, "testdata/listener.json")); err != nil {
			t.Fatal(err)
		}
	}
	if address, ok := translator.listener(15008); !ok || address.Port() != 40001 {
		t.Errorf("port 15008 is at %s", address)
	}
	if _, ok := translator.listener(80); ok {
		t.Error("has a listener for port 80")
	}
}

func TestTranslatorRefusesATunnelToNowhere(t *testing.T) {
	resource := read(t, "testdata/endpoints.json")
	resource.Value = []byte(strings.ReplaceAll(string(resource.Value), "10.244.0.10:9080", "10.244.0.10,9080"))
	if _, err := testTranslator().translate(resource); err == nil {
		t.Error("taken")
	}
}

func read(t *testing.T, path string) *anypb.Any {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	resource := &anypb.Any{}
	if err := protojson.Unmarshal(content, resource); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", path, err))
	}
	return resource
}

func write(t *testing.T, path string, resource *anypb.Any) {
	t.Helper()
	compact, err := protojson.Marshal(resource)
	if err != nil {
		t.Fatal(err)
	}
	// protojson varies its white space on purpose.
	var value any
	if err := json.Unmarshal(compact, &value); err != nil {
		t.Fatal(err)
	}
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, resource *anypb.Any) proto.Message {
	t.Helper()
	message, err := resource.UnmarshalNew()
	if err != nil {
		t.Fatal(err)
	}
	return message
}
