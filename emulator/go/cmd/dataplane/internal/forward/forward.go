// Package forward runs one HTTP proxy for each Pod, through which a program on this machine sends
// requests as that Pod.
package forward

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/ztunnel"
)

// Proxies holds the Pods' proxies, each started on first use.
type Proxies struct {
	// Dial connects a Pod to host:port; the error for an unknown name is a *ztunnel.UnknownHost.
	Dial func(ctx context.Context, namespace, name, host string, port uint16) (net.Conn, error)

	mu      sync.Mutex
	proxies map[types.UID]proxy
}

type proxy struct {
	server *http.Server
	url    string
}

// URL returns the address of a Pod's proxy.
func (p *Proxies) URL(pod *corev1.Pod) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if running, ok := p.proxies[pod.UID]; ok {
		return running.url, nil
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	started := proxy{&http.Server{Handler: p.handler(pod.Namespace, pod.Name)}, "http://" + listener.Addr().String()}
	if p.proxies == nil {
		p.proxies = map[types.UID]proxy{}
	}
	p.proxies[pod.UID] = started
	go func() { _ = started.server.Serve(listener) }()
	return started.url, nil
}

// Reconcile stops the proxies of deleted Pods.
func (p *Proxies) Reconcile(pods []*corev1.Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	there := map[types.UID]bool{}
	for _, pod := range pods {
		there[pod.UID] = true
	}
	for uid, proxy := range p.proxies {
		if !there[uid] {
			proxy.server.Close()
			delete(p.proxies, uid)
		}
	}
}

// handler takes requests with absolute URLs and sends them as the Pod, each on its own connection.
func (p *Proxies) handler(namespace, name string) http.Handler {
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		host, portText, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		port, err := strconv.ParseUint(portText, 10, 16)
		if err != nil {
			return nil, err
		}
		return p.Dial(ctx, namespace, name, host, uint16(port))
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			// Without a value, Go would set its default.
			if _, ok := r.In.Header["User-Agent"]; !ok {
				r.Out.Header["User-Agent"] = nil
			}
		},
		Transport:    &http.Transport{DialContext: dial, DisableKeepAlives: true, DisableCompression: true},
		ErrorHandler: fail,
	}
}

// fail resets the client's connection, as it would be in the Pod. For an unknown name, which would
// fail before the connection, it responds with a message.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if unknown := (*ztunnel.UnknownHost)(nil); errors.As(err, &unknown) {
		http.Error(w, "The sandbox reaches only Services of the cluster: "+unknown.Error(), http.StatusBadGateway)
		return
	}
	slog.Debug("client: connection reset", "url", r.URL.String(), "error", err)
	conn, _, hijackErr := http.NewResponseController(w).Hijack()
	if hijackErr != nil {
		panic(http.ErrAbortHandler)
	}
	network.Reset(conn)
}
