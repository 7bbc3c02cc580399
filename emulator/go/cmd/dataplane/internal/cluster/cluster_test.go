package cluster

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func followed(t *testing.T) *Cluster {
	t.Helper()
	yes, no := true, false
	name, port := "http", int32(9080)
	client := fake.NewClientset(
		&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "reviews"},
			Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.7", Ports: []corev1.ServicePort{
				{Name: "http", Port: 80}, {Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP},
			}},
		},
		&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "headless"},
			Spec:       corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone},
		},
		&discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "default", Name: "reviews-1", Labels: map[string]string{discoveryv1.LabelServiceName: "reviews"},
			},
			Ports: []discoveryv1.EndpointPort{{Name: &name, Port: &port}},
			Endpoints: []discoveryv1.Endpoint{
				{Addresses: []string{"10.244.0.7"}, Conditions: discoveryv1.EndpointConditions{Ready: &yes}},
				{Addresses: []string{"10.244.0.8"}, Conditions: discoveryv1.EndpointConditions{Ready: &no}},
			},
		},
	)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	c, err := Follow(ctx, client, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestResolve(t *testing.T) {
	c := followed(t)
	for host, from := range map[string]string{
		"reviews": "default", "reviews.default": "other", "reviews.default.svc": "other",
		"reviews.default.svc.cluster.local": "other", "reviews.default.svc.cluster.local.": "other", "10.96.0.7": "other",
	} {
		if address, ok := c.Resolve(from, host); !ok || address.String() != "10.96.0.7" {
			t.Errorf("%s from %s: %s, %v", host, from, address, ok)
		}
	}
	for _, host := range []string{"reviews", "ratings.default", "reviews.default.example.com", "headless.default", "istio.io"} {
		if address, ok := c.Resolve("other", host); ok {
			t.Errorf("%s is %s", host, address)
		}
	}
}

func TestEndpoints(t *testing.T) {
	c := followed(t)
	service := c.ServiceAt(netip.MustParseAddr("10.96.0.7"))
	if service == nil {
		t.Fatal("no Service at 10.96.0.7")
	}
	if found := c.Endpoints(service, 80); !slices.Equal(found, []netip.AddrPort{netip.MustParseAddrPort("10.244.0.7:9080")}) {
		t.Errorf("endpoints of port 80: %v", found)
	}
	for _, port := range []int32{53, 9080} {
		if found := c.Endpoints(service, port); found != nil {
			t.Errorf("endpoints of port %d: %v", port, found)
		}
	}
}
