package envoy

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
)

// statisticsPort is the port on which pilot-agent shows its Envoy's counters to Prometheus.
const statisticsPort = 15020

// statistics serves what Envoy counts; Istio's own counters are in a filter that only its Envoy has.
type statistics struct {
	server  *http.Server
	address netip.AddrPort
}

// serveStatistics exposes only `/stats/prometheus` of the admin interface behind the socket, because
// anyone with access to the whole interface can stop Envoy.
func serveStatistics(adminSocket string) (*statistics, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	admin := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "envoy", "envoy"
			// Hundreds of counters stay at zero.
			r.Out.URL.RawQuery = "usedonly"
		},
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", adminSocket)
		}},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	mux := http.NewServeMux()
	mux.Handle("GET /stats/prometheus", admin)
	s := &statistics{&http.Server{Handler: mux}, listener.Addr().(*net.TCPAddr).AddrPort()}
	go func() {
		if err := s.server.Serve(listener); err != http.ErrServerClosed {
			slog.Error("envoy: statistics ended", "error", err)
		}
	}()
	return s, nil
}
