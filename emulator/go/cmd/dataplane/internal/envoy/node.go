package envoy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/types/known/structpb"
	corev1 "k8s.io/api/core/v1"
)

// Container returns a Pod's istio-proxy container and its role (`router`, `waypoint`), the argument
// after `proxy`. Nil when the Pod's Envoy is not a waypoint or gateway.
func Container(pod *corev1.Pod) (*corev1.Container, string) {
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		if container.Name == "istio-proxy" && len(container.Args) > 1 && container.Args[0] == "proxy" &&
			slices.Contains([]string{"router", "waypoint"}, container.Args[1]) {
			return container, container.Args[1]
		}
	}
	return nil, ""
}

// Node identifies the Envoy of a Pod to istiod, from the fields of the container that pilot-agent
// reads: https://istio.io/latest/docs/reference/commands/pilot-agent/
func Node(pod *corev1.Pod) (*corev3.Node, error) {
	container, role := Container(pod)
	if container == nil {
		return nil, fmt.Errorf("Pod %s/%s has no istio-proxy", pod.Namespace, pod.Name)
	}
	metadata := map[string]any{
		"NAME":            pod.Name,
		"NAMESPACE":       pod.Namespace,
		"SERVICE_ACCOUNT": pod.Spec.ServiceAccountName,
		"INSTANCE_IPS":    pod.Status.PodIP,
		"LABELS":          withoutHash(pod.Labels),
		"ANNOTATIONS":     strings2any(pod.Annotations),
	}
	if version := imageVersion.FindString(container.Image); version != "" {
		metadata["ISTIO_VERSION"] = version[1:]
	}
	for _, variable := range container.Env {
		value := variable.Value
		if ref := variable.ValueFrom; ref != nil && ref.FieldRef != nil {
			value = field(pod, ref.FieldRef.FieldPath)
		}
		if name, ok := strings.CutPrefix(variable.Name, "ISTIO_METAJSON_"); ok {
			var parsed any
			if json.Unmarshal([]byte(value), &parsed) == nil {
				metadata[name] = parsed
			}
		} else if name, ok := strings.CutPrefix(variable.Name, "ISTIO_META_"); ok {
			metadata[name] = value
		} else if variable.Name == "PROXY_CONFIG" {
			var config map[string]any
			if json.Unmarshal([]byte(value), &config) == nil {
				metadata["PROXY_CONFIG"] = config
			}
		}
	}
	fields, err := structpb.NewStruct(metadata)
	if err != nil {
		return nil, err
	}
	return &corev3.Node{
		Id: fmt.Sprintf("%s~%s~%s.%s~%s.svc.cluster.local",
			role, pod.Status.PodIP, pod.Name, pod.Namespace, pod.Namespace),
		Cluster:  pod.Labels["service.istio.io/canonical-name"] + "." + pod.Namespace,
		Metadata: fields,
	}, nil
}

var imageVersion = regexp.MustCompile(`:\d+\.\d+\.\d+`)

func field(pod *corev1.Pod, path string) string {
	switch path {
	case "metadata.name":
		return pod.Name
	case "metadata.namespace":
		return pod.Namespace
	case "spec.nodeName":
		return pod.Spec.NodeName
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName
	case "status.podIP":
		return pod.Status.PodIP
	case "status.hostIP":
		return pod.Status.HostIP
	}
	return ""
}

func withoutHash(labels map[string]string) map[string]any {
	result := strings2any(labels)
	delete(result, "pod-template-hash")
	return result
}

func strings2any(values map[string]string) map[string]any {
	result := map[string]any{}
	for key, value := range values {
		result[key] = value
	}
	return result
}
