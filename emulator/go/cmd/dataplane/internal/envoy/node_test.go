package envoy

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func waypoint() *corev1.Pod {
	field := func(path string) *corev1.EnvVarSource {
		return &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "productpage-waypoint-7d4", Labels: map[string]string{
				"gateway.networking.k8s.io/gateway-name": "productpage-waypoint",
				"pod-template-hash":                      "7d4",
				"service.istio.io/canonical-name":        "productpage-waypoint",
			},
		},
		Spec: corev1.PodSpec{
			NodeName: "n1", ServiceAccountName: "productpage-waypoint",
			Containers: []corev1.Container{{
				Name: "istio-proxy", Image: "registry.istio.io/release/proxyv2:1.31.1-distroless",
				Args: []string{"proxy", "waypoint", "--domain", "$(POD_NAMESPACE).svc.cluster.local"},
				Env: []corev1.EnvVar{
					{Name: "ISTIO_META_NODE_NAME", ValueFrom: field("spec.nodeName")},
					{Name: "ISTIO_META_CLUSTER_ID", Value: "Kubernetes"},
					{Name: "ISTIO_METAJSON_EXTRA", Value: `{"a":1}`},
					{Name: "PROXY_CONFIG", Value: `{"proxyMetadata":{"ISTIO_META_ENABLE_HBONE":"true"}}`},
					{Name: "POD_NAME", ValueFrom: field("metadata.name")},
				},
			}},
		},
		Status: corev1.PodStatus{PodIP: "10.244.0.13"},
	}
}

func TestNode(t *testing.T) {
	node, err := Node(waypoint())
	if err != nil {
		t.Fatal(err)
	}
	if expected := "waypoint~10.244.0.13~productpage-waypoint-7d4.default~default.svc.cluster.local"; node.Id != expected {
		t.Errorf("id %q, expected %q", node.Id, expected)
	}
	metadata := node.Metadata.AsMap()
	for key, expected := range map[string]any{
		"NAME": "productpage-waypoint-7d4", "NAMESPACE": "default", "SERVICE_ACCOUNT": "productpage-waypoint",
		"INSTANCE_IPS": "10.244.0.13", "NODE_NAME": "n1", "CLUSTER_ID": "Kubernetes", "ISTIO_VERSION": "1.31.1",
	} {
		if metadata[key] != expected {
			t.Errorf("%s is %v, expected %v", key, metadata[key], expected)
		}
	}
	labels := metadata["LABELS"].(map[string]any)
	if labels["gateway.networking.k8s.io/gateway-name"] != "productpage-waypoint" || labels["pod-template-hash"] != nil {
		t.Errorf("labels %v", labels)
	}
	if metadata["EXTRA"].(map[string]any)["a"] != 1.0 || metadata["PROXY_CONFIG"] == nil || metadata["POD_NAME"] != nil {
		t.Errorf("metadata %v", metadata)
	}
}

func TestContainer(t *testing.T) {
	sidecar := waypoint()
	sidecar.Spec.Containers[0].Args[1] = "sidecar"
	if container, _ := Container(sidecar); container != nil {
		t.Error("a sidecar counts as a waypoint or gateway")
	}
	if _, err := Node(sidecar); err == nil {
		t.Error("a Pod without an Envoy has a node")
	}
}
