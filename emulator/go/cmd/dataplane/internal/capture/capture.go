// Package capture simulates the agent of istio-cni on each node: it selects the Pods of the mesh by
// the agent's configuration and reports them to istiod with the agent's annotation. Package ztunnel
// redirects their traffic.
package capture

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"istio.io/api/annotation"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/cluster"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
)

// Is reports whether a Pod is captured: its traffic goes through ztunnel.
func Is(pod *corev1.Pod) bool {
	return pod.Annotations[annotation.AmbientRedirection.Name] == "enabled"
}

// selector is one entry of AMBIENT_ENABLEMENT_SELECTOR, which the chart writes.
type selector struct {
	PodSelector       metav1.LabelSelector `json:"podSelector"`
	NamespaceSelector metav1.LabelSelector `json:"namespaceSelector"`
}

// Reconcile sets and removes the annotation as the agent would. Pods on a node without a ready
// agent keep theirs.
func Reconcile(ctx context.Context, c *cluster.Cluster) error {
	config := c.ConfigMap(istiod.SystemNamespace, "istio-cni-config")
	var selectors []selector
	if err := yaml.Unmarshal([]byte(config["AMBIENT_ENABLEMENT_SELECTOR"]), &selectors); err != nil {
		return fmt.Errorf("ConfigMap istio-cni-config, AMBIENT_ENABLEMENT_SELECTOR: %w", err)
	}
	excluded := strings.Split(config["EXCLUDE_NAMESPACES"], ",")
	pods := c.Pods()
	agents := map[string]bool{}
	for _, pod := range pods {
		if pod.Namespace == istiod.SystemNamespace && pod.Labels["k8s-app"] == "istio-cni-node" {
			agents[pod.Spec.NodeName] = true
		}
	}
	for _, pod := range pods {
		wanted := config["AMBIENT_ENABLED"] == "true" && !slices.Contains(excluded, pod.Namespace) &&
			matches(selectors, pod, c.NamespaceLabels(pod.Namespace))
		if wanted == Is(pod) || !agents[pod.Spec.NodeName] {
			continue
		}
		value := "null"
		if wanted {
			value = `"enabled"`
		}
		patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%s}}}`, annotation.AmbientRedirection.Name, value)
		if _, err := c.Client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.MergePatchType,
			[]byte(patch), metav1.PatchOptions{}, "status"); err != nil {
			return fmt.Errorf("annotate Pod %s/%s: %w", pod.Namespace, pod.Name, err)
		}
		slog.Info("istio-cni: capture changed", "pod", pod.Namespace+"/"+pod.Name, "captured", wanted)
	}
	return nil
}

func matches(selectors []selector, pod *corev1.Pod, namespace map[string]string) bool {
	if _, sidecar := pod.Annotations[annotation.SidecarStatus.Name]; sidecar || pod.Spec.HostNetwork {
		return false
	}
	return slices.ContainsFunc(selectors, func(s selector) bool {
		// An empty selector selects everything.
		pods, err := metav1.LabelSelectorAsSelector(&s.PodSelector)
		if err != nil || !pods.Matches(labels.Set(pod.Labels)) {
			return false
		}
		namespaces, err := metav1.LabelSelectorAsSelector(&s.NamespaceSelector)
		return err == nil && namespaces.Matches(labels.Set(namespace))
	})
}
