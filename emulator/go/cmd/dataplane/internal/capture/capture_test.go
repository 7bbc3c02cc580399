package capture

import (
	"context"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/cluster"
)

// As the chart writes it with `profile: ambient`.
var config = &corev1.ConfigMap{
	ObjectMeta: metav1.ObjectMeta{Namespace: "istio-system", Name: "istio-cni-config"},
	Data: map[string]string{
		"AMBIENT_ENABLED":    "true",
		"EXCLUDE_NAMESPACES": "kube-system",
		"AMBIENT_ENABLEMENT_SELECTOR": `- podSelector:
    matchLabels:
      istio.io/dataplane-mode: ambient
- podSelector:
    matchExpressions:
    - key: istio.io/dataplane-mode
      operator: NotIn
      values:
      - none
  namespaceSelector:
    matchLabels:
      istio.io/dataplane-mode: ambient
`,
	},
}

func pod(namespace, name, node string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{}, Annotations: map[string]string{}},
		Spec:       corev1.PodSpec{NodeName: node},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.244.0.1"},
	}
	if change != nil {
		change(p)
	}
	return p
}

func TestReconcile(t *testing.T) {
	ambient := map[string]string{"istio.io/dataplane-mode": "ambient"}
	client := fake.NewClientset(config,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default", Labels: ambient}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", Labels: ambient}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "other"}},
		pod("istio-system", "istio-cni-node-1", "n1", func(p *corev1.Pod) { p.Labels["k8s-app"] = "istio-cni-node" }),
		pod("default", "plain", "n1", nil),
		pod("default", "opted-out", "n1", func(p *corev1.Pod) { p.Labels["istio.io/dataplane-mode"] = "none" }),
		pod("default", "sidecar", "n1", func(p *corev1.Pod) { p.Annotations["sidecar.istio.io/status"] = "{}" }),
		pod("default", "host-network", "n1", func(p *corev1.Pod) { p.Spec.HostNetwork = true }),
		pod("default", "no-agent", "n2", nil),
		pod("default", "pending", "n1", func(p *corev1.Pod) { p.Status.Phase = corev1.PodPending }),
		pod("kube-system", "excluded", "n1", nil),
		pod("other", "outside", "n1", nil),
		pod("other", "left-over", "n1", func(p *corev1.Pod) { p.Annotations["ambient.istio.io/redirection"] = "enabled" }),
		pod("other", "opted-in", "n1", func(p *corev1.Pod) { p.Labels["istio.io/dataplane-mode"] = "ambient" }),
	)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	followed, err := cluster.Follow(ctx, client, func() {})
	if err != nil {
		t.Fatal(err)
	}
	if err := Reconcile(ctx, followed); err != nil {
		t.Fatal(err)
	}
	all, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var captured []string
	for i := range all.Items {
		if Is(&all.Items[i]) {
			captured = append(captured, all.Items[i].Namespace+"/"+all.Items[i].Name)
		}
	}
	slices.Sort(captured)
	if !slices.Equal(captured, []string{"default/plain", "other/opted-in"}) {
		t.Errorf("captured: %v", captured)
	}
}
