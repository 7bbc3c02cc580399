// Package bookinfo simulates the containers of Istio's Bookinfo sample: a small local server for
// each of its Pods, with the responses of that Pod's image.
// https://github.com/istio/istio/tree/master/samples/bookinfo/src
package bookinfo

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// port is the port of every Bookinfo service.
const port = 9080

// Dial connects a Pod to host:port as a process in that Pod would.
type Dial func(ctx context.Context, namespace, name, host string, port uint16) (net.Conn, error)

// Containers serves every Bookinfo Pod.
type Containers struct {
	Dial Dial

	mu      sync.Mutex
	servers map[types.UID]*server
}

type server struct {
	http    *http.Server
	address netip.AddrPort
}

// Reconcile starts and stops servers to match the given Pods.
func (c *Containers) Reconcile(pods []*corev1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.servers == nil {
		c.servers = map[types.UID]*server{}
	}
	wanted := map[types.UID]bool{}
	for _, pod := range pods {
		handler := c.handler(pod)
		if handler == nil {
			continue
		}
		wanted[pod.UID] = true
		if c.servers[pod.UID] != nil {
			continue
		}
		started, err := start(handler)
		if err != nil {
			slog.Error("bookinfo: not started", "pod", pod.Namespace+"/"+pod.Name, "error", err)
			continue
		}
		c.servers[pod.UID] = started
	}
	for uid, server := range c.servers {
		if !wanted[uid] {
			server.http.Close()
			delete(c.servers, uid)
		}
	}
}

func start(handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{&http.Server{Handler: handler}, listener.Addr().(*net.TCPAddr).AddrPort()}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// Server returns the address of the server for a Pod's port.
func (c *Containers) Server(pod *corev1.Pod, p uint16) (netip.AddrPort, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if server := c.servers[pod.UID]; server != nil && p == port {
		return server.address, true
	}
	return netip.AddrPort{}, false
}

var image = regexp.MustCompile(`examples-bookinfo-([a-z]+)-(v\d+)(?::(\d+)\.(\d+))?`)

// handler returns the handler for the Pod's image, nil for an image that is not Bookinfo's.
func (c *Containers) handler(pod *corev1.Pod) http.Handler {
	for _, container := range pod.Spec.Containers {
		parts := image.FindStringSubmatch(container.Image)
		if parts == nil {
			continue
		}
		client := c.client(pod.Namespace, pod.Name)
		switch parts[1] + "-" + parts[2] {
		case "details-v1":
			return details()
		case "ratings-v1":
			return ratings()
		case "reviews-v1":
			return reviews(pod.Name, "", client)
		case "reviews-v2":
			return reviews(pod.Name, "black", client)
		case "reviews-v3":
			return reviews(pod.Name, "red", client)
		case "productpage-v1":
			return productpage(client, parts[3] != "" && before(1, 20, parts[3], parts[4]))
		}
	}
	return nil
}

func before(major, minor int, haveMajor, haveMinor string) bool {
	a, _ := strconv.Atoi(haveMajor)
	b, _ := strconv.Atoi(haveMinor)
	return a < major || a == major && b < minor
}

// client sends the Pod's outgoing requests, each on a new connection, as Bookinfo does.
func (c *Containers) client(namespace, name string) *http.Client {
	return &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				host, portText, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				number, err := strconv.ParseUint(portText, 10, 16)
				if err != nil {
					return nil, err
				}
				return c.Dial(ctx, namespace, name, host, uint16(number))
			},
		},
	}
}

// forwarded lists the headers that every service propagates.
var forwarded = []string{
	"X-Request-Id", "X-Ot-Span-Context", "X-Datadog-Trace-Id", "X-Datadog-Parent-Id",
	"X-Datadog-Sampling-Priority", "Traceparent", "Tracestate", "X-Cloud-Trace-Context",
	"Grpc-Trace-Bin", "X-B3-Traceid", "X-B3-Spanid", "X-B3-Parentspanid", "X-B3-Sampled",
	"X-B3-Flags", "Sw8", "End-User", "User-Agent", "Cookie", "Authorization", "Jwt",
}

// get sends a request to another service, with the propagated headers of the request being served.
func get(client *http.Client, url string, served *http.Request) (*http.Response, error) {
	request, err := http.NewRequestWithContext(served.Context(), http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range forwarded {
		if value := served.Header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	return client.Do(request)
}
