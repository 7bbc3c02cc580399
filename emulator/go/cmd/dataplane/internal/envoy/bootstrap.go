package envoy

import (
	"encoding/json"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/encoding/protojson"
)

// bootstrap is the part of pilot-agent's bootstrap that carries traffic: the sources of
// configuration and certificates, and internal listeners.
// https://github.com/istio/istio/blob/master/tools/packaging/common/envoy_bootstrap.json
func bootstrap(node *corev3.Node, socket, adminSocket string) ([]byte, error) {
	nodeJSON, err := protojson.Marshal(node)
	if err != nil {
		return nil, err
	}
	type object = map[string]any
	agent := func(name string) object {
		return object{
			"name": name, "type": "STATIC", "connect_timeout": "1s",
			"typed_extension_protocol_options": object{
				"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": object{
					"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
					"explicit_http_config": object{"http2_protocol_options": object{}},
				},
			},
			"load_assignment": object{
				"cluster_name": name,
				"endpoints": []object{{"lb_endpoints": []object{{"endpoint": object{
					"address": object{"pipe": object{"path": socket}},
				}}}}},
			},
		}
	}
	ads := object{"ads": object{}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}
	return json.MarshalIndent(object{
		"node": json.RawMessage(nodeJSON),
		"admin": object{
			"address": object{"pipe": object{"path": adminSocket}},
		},
		// istiod ends the names of clusters by a semicolon, since they contain dots.
		"stats_config": object{
			"use_all_default_tags": false,
			"stats_tags": []object{
				{"tag_name": "cluster_name", "regex": `^cluster(\.(.+);)`},
				{"tag_name": "response_code_class", "regex": `_rq(_(\dxx))$`},
				{"tag_name": "response_code", "regex": `_rq(_(\d{3}))$`},
			},
		},
		"bootstrap_extensions": []object{{
			"name": "envoy.bootstrap.internal_listener",
			"typed_config": object{
				"@type":          "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener",
				"buffer_size_kb": 64,
			},
		}},
		"dynamic_resources": object{
			"lds_config": ads,
			"cds_config": ads,
			"ads_config": object{
				"api_type": "DELTA_GRPC", "transport_api_version": "V3", "set_node_on_first_message_only": true,
				"grpc_services": []object{{"envoy_grpc": object{"cluster_name": "xds-grpc"}}},
			},
		},
		"static_resources": object{"clusters": []object{agent("xds-grpc"), agent("sds-grpc")}},
	}, "", "  ")
}
