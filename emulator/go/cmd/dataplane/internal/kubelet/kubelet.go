// Package kubelet serves the part of the kubelet's API that `kubectl exec`, `kubectl logs` and `kubectl
// port-forward` use. No container runs here: a command runs on this machine, with a proxy in its
// environment that sends its HTTP requests as the Pod.
package kubelet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// Files are the paths of the kubelet's certificate and key and of the clients' authority, all PEM.
type Files struct{ Certificate, Key, ClientCA string }

// Kubelet serves for every node of the cluster.
type Kubelet struct {
	// Pod returns the running Pod of that name, or nil.
	Pod func(namespace, name string) *corev1.Pod
	// Proxy returns the URL of the HTTP proxy that sends as the Pod.
	Proxy func(pod *corev1.Pod) (string, error)
	// Log returns the path of the log of a Pod's process, empty when the Pod has no process.
	Log func(pod *corev1.Pod) string
	// Server returns the local address of the server for a Pod's port, false when there is none.
	Server func(pod *corev1.Pod, port uint16) (netip.AddrPort, bool)
	// Dial connects the API server to a Pod's port, or to this kubelet.
	Dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	// Home is the folder in which commands run.
	Home string
}

// Serve answers on address until ctx is done. Callers need a certificate of the cluster's authority,
// because they may run any command.
func (k *Kubelet) Serve(ctx context.Context, address string, files Files) error {
	certificate, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(files.ClientCA)
	if err != nil {
		return err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(ca) {
		return fmt.Errorf("no certificate in %s", files.ClientCA)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: k.handler(),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientCAs:    clients, ClientAuth: tls.RequireAndVerifyClientCert,
			MinVersion: tls.VersionTLS12,
			// An exec stream upgrades an HTTP/1.1 connection.
			NextProtos: []string{"http/1.1"},
		},
	}
	context.AfterFunc(ctx, func() { server.Close() })
	go func() {
		if err := server.ServeTLS(listener, "", ""); ctx.Err() == nil {
			slog.Error("kubelet: ended", "error", err)
		}
	}()
	return nil
}

func (k *Kubelet) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", k.exec)
	mux.HandleFunc("/portForward/{namespace}/{pod}", k.portForward)
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.logs)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "the sandbox runs no containers: its kubelet supports only exec, logs and port-forward", http.StatusNotImplemented)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			k.connect(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// The kubelet's own limits for a stream without data, and for its start.
const idle, creation = 4 * time.Hour, 30 * time.Second

// podOf returns the running Pod that a request names, or nil after it has answered that there is none.
func (k *Kubelet) podOf(w http.ResponseWriter, r *http.Request) *corev1.Pod {
	pod := k.Pod(r.PathValue("namespace"), r.PathValue("pod"))
	if pod == nil {
		http.Error(w, "the Pod is not running", http.StatusNotFound)
	}
	return pod
}

func (k *Kubelet) exec(w http.ResponseWriter, r *http.Request) {
	pod := k.podOf(w, r)
	if pod == nil {
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, r, command{k, pod}, pod.Namespace+"/"+pod.Name, string(pod.UID),
		r.PathValue("container"), r.URL.Query()["command"], options, idle, creation,
		remotecommand.SupportedStreamingProtocols)
}

func (k *Kubelet) logs(w http.ResponseWriter, r *http.Request) {
	pod := k.podOf(w, r)
	if pod == nil {
		return
	}
	path := k.Log(pod)
	if path == "" {
		fmt.Fprintf(w, "The sandbox runs no container for %s/%s.\n", pod.Namespace, pod.Name)
		return
	}
	log, err := os.Open(path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer log.Close()
	_, _ = io.Copy(w, log)
}
