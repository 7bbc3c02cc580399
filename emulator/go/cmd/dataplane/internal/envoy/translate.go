package envoy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	xdstypev3 "github.com/cncf/xds/go/udpa/type/v1"
	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	filterstatev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/common/set_filter_state/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/set_filter_state/v3" // known to walk
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/set_filter_state/v3" // known to walk
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// dropped lists the filters that only Istio's build of Envoy has. None of them decides about a
// request: they count (stats), exchange the counters' labels (peer metadata), and choose the ALPN
// of sidecars' mTLS.
var dropped = []string{
	"stats.PluginConfig",
	"io.istio.http.peer_metadata.Config",
	"envoy.tcp.metadataexchange.config.MetadataExchange",
	"envoy.extensions.network_filters.peer_metadata.Config",
	"envoy.extensions.network_filters.peer_metadata.UpstreamConfig",
	"istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig",
}

// Istio's factory of filter state objects, and the official one that does the same.
const (
	istioString = "istio.hashable_string"
	envoyString = "envoy.hashable_string"
)

// originalDst is the endpoint metadata with the destination of an HBONE tunnel: `local`, its target,
// and `waypoint`, the peer when that is not the target itself.
const originalDst = "envoy.filters.listener.original_dst"

// translator changes a configuration for the official Envoy and for a machine on which no Pod
// address exists. Everything else, and every decision, stays as istiod sent it.
type translator struct {
	// address returns the loopback address by which this Envoy's Pod reaches a Pod's port.
	address func(to netip.AddrPort) (netip.AddrPort, error)
	// free returns a loopback address to listen on.
	free func() (netip.AddrPort, error)

	mu        sync.Mutex
	listeners map[uint32]netip.AddrPort
}

func (t *translator) translate(resource *anypb.Any) (*anypb.Any, error) {
	message, err := resource.UnmarshalNew()
	if err != nil {
		return nil, err
	}
	if err := t.walk(message.ProtoReflect()); err != nil {
		return nil, err
	}
	return pack(message)
}

// listener returns the loopback address of the Envoy's listener for a port of its Pod.
func (t *translator) listener(port uint16) (netip.AddrPort, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	address, ok := t.listeners[uint32(port)]
	return address, ok
}

// forget makes every listener choose a new address.
func (t *translator) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listeners = nil
}

func (t *translator) listens() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.listeners) > 0
}

// walk visits every nested message, including those in an Any whose type is linked into this program.
func (t *translator) walk(message protoreflect.Message) error {
	if err := t.visit(message.Interface()); err != nil {
		return err
	}
	var failure error
	each := func(value protoreflect.Value) bool {
		failure = t.walk(value.Message())
		return failure == nil
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, value protoreflect.Value) bool { return each(value) })
			}
		case field.Message() == nil:
		case field.IsList():
			for i := 0; i < value.List().Len() && each(value.List().Get(i)); i++ {
			}
		default:
			each(value)
		}
		return failure == nil
	})
	return failure
}

func (t *translator) visit(message proto.Message) error {
	switch message := message.(type) {
	case *anypb.Any:
		inner, err := message.UnmarshalNew()
		if err != nil {
			if err == protoregistry.NotFound {
				return nil
			}
			return err
		}
		if err := t.walk(inner.ProtoReflect()); err != nil {
			return err
		}
		packed, err := pack(inner)
		if err != nil {
			return err
		}
		message.Value = packed.Value
	case *listenerv3.Listener:
		return t.listen(message)
	case *listenerv3.FilterChain:
		message.Filters = slices.DeleteFunc(message.Filters, func(f *listenerv3.Filter) bool {
			return istioOnly(f.GetTypedConfig())
		})
	case *hcmv3.HttpConnectionManager:
		message.HttpFilters = slices.DeleteFunc(message.HttpFilters, func(f *hcmv3.HttpFilter) bool {
			return istioOnly(f.GetTypedConfig())
		})
	case *clusterv3.Cluster:
		message.Filters = slices.DeleteFunc(message.Filters, func(f *clusterv3.Filter) bool {
			return istioOnly(f.GetTypedConfig())
		})
		if tunnels := message.GetOriginalDstLbConfig(); tunnels != nil {
			tunnels.UpstreamPortOverride = nil // reach writes the port with the address
		}
	case *filterstatev3.FilterStateValue:
		if message.FactoryKey == istioString {
			message.FactoryKey = envoyString
		}
	case *endpointv3.LbEndpoint:
		return t.reach(message)
	}
	return nil
}

// listen moves a listener from the Pod's address to loopback.
func (t *translator) listen(listener *listenerv3.Listener) error {
	socket := listener.GetAddress().GetSocketAddress()
	if socket == nil {
		return nil // an internal listener
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	address, ok := t.listeners[socket.GetPortValue()]
	if !ok {
		var err error
		if address, err = t.free(); err != nil {
			return err
		}
		if t.listeners == nil {
			t.listeners = map[uint32]netip.AddrPort{}
		}
		t.listeners[socket.GetPortValue()] = address
	}
	listener.AdditionalAddresses = nil
	setAddress(socket, address)
	return nil
}

// reach replaces an endpoint's Pod address with its loopback address: in the address of a plain
// endpoint, in the metadata of one behind a tunnel.
func (t *translator) reach(endpoint *endpointv3.LbEndpoint) error {
	if tunnel := endpoint.Metadata.GetFilterMetadata()[originalDst]; tunnel != nil {
		peer, err := tunnelPeer(tunnel)
		if err != nil {
			return err
		}
		address, err := t.address(peer)
		if err != nil {
			return err
		}
		tunnel.Fields["waypoint"] = structpb.NewStringValue(address.String())
		return nil
	}
	socket := endpoint.GetEndpoint().GetAddress().GetSocketAddress()
	pod, err := netip.ParseAddr(socket.GetAddress())
	if err != nil {
		return nil // a name, or another kind of endpoint: not in the Pod network
	}
	address, err := t.address(netip.AddrPortFrom(pod, uint16(socket.GetPortValue())))
	if err != nil {
		return err
	}
	setAddress(socket, address)
	return nil
}

func tunnelPeer(tunnel *structpb.Struct) (netip.AddrPort, error) {
	if waypoint := tunnel.Fields["waypoint"].GetStringValue(); waypoint != "" {
		return netip.ParseAddrPort(waypoint)
	}
	local, err := netip.ParseAddrPort(tunnel.Fields["local"].GetStringValue())
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("endpoint metadata %s: %w", originalDst, err)
	}
	return netip.AddrPortFrom(local.Addr(), 15008), nil
}

func setAddress(socket *corev3.SocketAddress, address netip.AddrPort) {
	socket.Address = address.Addr().String()
	socket.PortSpecifier = &corev3.SocketAddress_PortValue{PortValue: uint32(address.Port())}
}

func istioOnly(config *anypb.Any) bool {
	name := config.GetTypeUrl()
	if typed := (&xdstypev3.TypedStruct{}); config.MessageIs(typed) && config.UnmarshalTo(typed) == nil {
		name = typed.TypeUrl
	}
	return slices.Contains(dropped, name[strings.LastIndex(name, "/")+1:])
}

func pack(message proto.Message) (*anypb.Any, error) {
	packed := &anypb.Any{}
	// Envoy compares bytes, so equal configuration must have equal bytes.
	return packed, anypb.MarshalFrom(packed, message, proto.MarshalOptions{Deterministic: true})
}
