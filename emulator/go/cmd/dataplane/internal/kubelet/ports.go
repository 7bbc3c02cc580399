package kubelet

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

func (k *Kubelet) portForward(w http.ResponseWriter, r *http.Request) {
	pod := k.podOf(w, r)
	if pod == nil {
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, r, ports{k, pod}, pod.Namespace+"/"+pod.Name, string(pod.UID),
		options, idle, creation, portforward.SupportedProtocols)
}

// ports are those of a Pod, as its own processes see them: without the mesh.
type ports struct {
	*Kubelet
	pod *corev1.Pod
}

func (p ports) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	address, ok := p.Server(p.pod, uint16(port))
	if !ok {
		return fmt.Errorf("the sandbox runs no server for port %d of Pod %s/%s", port, p.pod.Namespace, p.pod.Name)
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", address.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		_, _ = io.Copy(conn, stream)
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	_, err = io.Copy(stream, conn)
	return err
}

// connect opens a tunnel for the API server, which proxies requests to Pods and Services, and whose
// machine is not in the Pod network.
// https://kubernetes.io/docs/tasks/extend-kubernetes/setup-konnectivity/
func (k *Kubelet) connect(w http.ResponseWriter, r *http.Request) {
	to, err := netip.ParseAddrPort(r.URL.Host)
	if err != nil {
		http.Error(w, "expected CONNECT with an address", http.StatusBadRequest)
		return
	}
	upstream, err := k.Dial(r.Context(), to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		upstream.Close()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		conn.Close()
		upstream.Close()
		return
	}
	network.Join(conn.(network.Stream), upstream.(network.Stream))
}
