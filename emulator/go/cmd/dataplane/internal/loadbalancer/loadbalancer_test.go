package loadbalancer

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/cluster"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

func balancers(t *testing.T, ports ...int32) (*Balancers, *fake.Clientset) {
	t.Helper()
	name, target := "http2", int32(80)
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "istio-system", Name: "gateway"},
		Status: corev1.ServiceStatus{LoadBalancer: corev1.LoadBalancerStatus{
			Ingress: []corev1.LoadBalancerIngress{{IP: "127.0.0.1"}, {IP: "192.0.2.1"}},
		}},
	}
	for _, port := range ports {
		service.Spec.Ports = append(service.Spec.Ports, corev1.ServicePort{Name: name, Port: port})
	}
	client := fake.NewClientset(service, &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "istio-system", Name: "gateway-1", Labels: map[string]string{discoveryv1.LabelServiceName: "gateway"},
		},
		Ports:     []discoveryv1.EndpointPort{{Name: &name, Port: &target}},
		Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.244.0.4"}}},
	})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	followed, err := cluster.Follow(ctx, client, func() {})
	if err != nil {
		t.Fatal(err)
	}
	b := &Balancers{Cluster: followed, Network: &network.Network{
		Deliver: func(_ netip.Addr, to netip.AddrPort, conn net.Conn) {
			_, _ = io.WriteString(conn, to.String())
			conn.Close()
		},
	}}
	t.Cleanup(b.Close)
	return b, client
}

func freePort(t *testing.T) (net.Listener, int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener, int32(listener.Addr().(*net.TCPAddr).Port)
}

func TestLeadsToAnEndpointAsLongAsTheServiceStands(t *testing.T) {
	holder, port := freePort(t)
	b, client := balancers(t, port)
	b.Reconcile()
	status := b.Status()
	if len(status) != 1 || status[0].Listening != "" || !strings.Contains(status[0].Problem, "in use") {
		t.Fatalf("status with a taken port: %+v", status)
	}
	holder.Close()
	b.Reconcile()
	status = b.Status()
	if status[0].Listening != status[0].Address || status[0].Problem != "" || status[0].Service != "istio-system/gateway" {
		t.Fatalf("status when the port is free again: %+v", status)
	}
	conn, err := net.Dial("tcp", status[0].Listening)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if said, err := io.ReadAll(conn); string(said) != "10.244.0.4:80" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	if err := client.CoreV1().Services("istio-system").Delete(context.Background(), "gateway", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); len(b.Status()) > 0; b.Reconcile() {
		if time.Now().After(end) {
			t.Fatal("still listens after the Service was deleted")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestTakesAnotherPortWhereOnlyRootMayListen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:80")
	if err == nil {
		listener.Close()
	}
	if !errors.Is(err, syscall.EACCES) {
		t.Skip("this user may listen on port 80")
	}
	b, _ := balancers(t, 80)
	b.Reconcile()
	if status := b.Status(); status[0].Listening != "127.0.0.1:8080" || !strings.Contains(status[0].Problem, "permission denied") {
		t.Errorf("%+v", status)
	}
}
