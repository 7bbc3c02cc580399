package forward

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/ztunnel"
)

func TestProxy(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "sleep-1", UID: "1"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			w.Header().Add("Seen", name)
		}
		_, _ = io.WriteString(w, r.Method+" "+r.Host+r.RequestURI)
	}))
	defer server.Close()
	proxies := &Proxies{}
	proxies.Dial = func(_ context.Context, _, from, host string, _ uint16) (net.Conn, error) {
		switch {
		case from != "sleep-1":
			return nil, errors.New("not as " + from)
		case host == "denied":
			return nil, errors.New("policy")
		case host == "nowhere":
			return nil, &ztunnel.UnknownHost{}
		}
		return net.Dial("tcp", server.Listener.Addr().String())
	}
	address, err := proxies.URL(pod)
	if err != nil {
		t.Fatal(err)
	}
	through, _ := url.Parse(address)
	transport := &http.Transport{Proxy: http.ProxyURL(through)}
	defer transport.CloseIdleConnections()
	ask := func(method, target string) (*http.Response, string, error) {
		request, _ := http.NewRequest(method, target, nil)
		request.Header["User-Agent"] = nil
		response, err := transport.RoundTrip(request)
		if err != nil {
			return nil, "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return response, string(body), err
	}

	response, body, err := ask("DELETE", "http://productpage:9080/productpage?u=normal")
	if err != nil || body != "DELETE productpage:9080/productpage?u=normal" {
		t.Errorf("%q, %v", body, err)
	}
	for _, seen := range response.Header.Values("Seen") {
		if seen != "Connection" && seen != "Accept-Encoding" {
			t.Errorf("the proxy added a header: %s", seen)
		}
	}
	if _, _, err := ask("GET", "http://denied:9080/"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a denied connection: %v", err)
	}
	if response, _, err := ask("GET", "http://nowhere:9080/"); err != nil || response.StatusCode != http.StatusBadGateway {
		t.Errorf("an unknown name: %v, %v", response, err)
	}
	proxies.Reconcile(nil)
	if _, _, err := ask("GET", "http://productpage:9080/"); err == nil {
		t.Error("the proxy outlives its Pod")
	}
}
