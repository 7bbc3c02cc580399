package ztunnel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"golang.org/x/net/http2"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

// HBONEPort is the port on which captured Pods and waypoints accept tunnels.
const HBONEPort = 15008

// openTunnel asks the peer behind conn for a tunnel to authority, as the identity in certificate,
// and rejects any peer but the expected one.
func openTunnel(
	ctx context.Context, conn net.Conn, certificate *tls.Certificate, roots *x509.CertPool,
	peer istiod.Identity, authority string,
) (network.Stream, error) {
	secure := tls.Client(conn, &tls.Config{
		Certificates: []tls.Certificate{*certificate},
		NextProtos:   []string{"h2"},
		MinVersion:   tls.VersionTLS12,
		// Names in mesh certificates are SPIFFE URIs, which crypto/tls does not compare.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			if err := verify(state, roots, x509.ExtKeyUsageServerAuth); err != nil {
				return err
			}
			if got := istiod.PeerURI(state); got != peer.URI() {
				return fmt.Errorf("the peer is %s, expected %s", got, peer.URI())
			}
			return nil
		},
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	client, err := (&http2.Transport{}).NewClientConn(secure)
	if err != nil {
		return nil, err
	}
	body, upload := io.Pipe()
	response, err := client.RoundTrip(&http.Request{
		Method: http.MethodConnect, URL: &url.URL{Host: authority}, Host: authority,
		Header: http.Header{}, Body: body, ContentLength: -1,
	})
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the tunnel to %s was refused: %s", authority, response.Status)
	}
	return &clientTunnel{response.Body, upload, client}, nil
}

type clientTunnel struct {
	io.Reader
	upload *io.PipeWriter
	client *http2.ClientConn
}

func (t *clientTunnel) Write(p []byte) (int, error) { return t.upload.Write(p) }
func (t *clientTunnel) CloseWrite() error           { return t.upload.Close() }
func (t *clientTunnel) Close() error {
	t.upload.CloseWithError(io.ErrClosedPipe)
	return t.client.Close()
}

// serveTunnels speaks HBONE on conn as the Pod whose certificate it shows. accept decides on each
// tunnel by the peer's identity and the requested target, and returns the connection to join.
func serveTunnels(
	conn net.Conn, certificate *tls.Certificate, roots *x509.CertPool,
	accept func(ctx context.Context, peer string, target netip.AddrPort) (network.Stream, error),
) error {
	secure := tls.Server(conn, &tls.Config{
		Certificates: []tls.Certificate{*certificate},
		ClientAuth:   tls.RequireAnyClientCert,
		NextProtos:   []string{"h2"},
		MinVersion:   tls.VersionTLS12,
		VerifyConnection: func(state tls.ConnectionState) error {
			return verify(state, roots, x509.ExtKeyUsageClientAuth)
		},
	})
	defer secure.Close()
	if err := secure.Handshake(); err != nil {
		return err
	}
	peer := istiod.PeerURI(secure.ConnectionState())
	(&http2.Server{}).ServeConn(secure, &http2.ServeConnOpts{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			target, err := netip.ParseAddrPort(r.Host)
			if r.Method != http.MethodConnect || err != nil {
				http.Error(w, "expected CONNECT with an address", http.StatusBadRequest)
				return
			}
			upstream, err := accept(r.Context(), peer, target)
			if err != nil {
				// ztunnel's response to a tunnel that policy denies.
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			w.WriteHeader(http.StatusOK)
			stream := &serverTunnel{r.Body, w, http.NewResponseController(w)}
			_ = stream.flush.Flush()
			network.Join(stream, upstream)
		}),
	})
	return nil
}

type serverTunnel struct {
	io.ReadCloser
	w     io.Writer
	flush *http.ResponseController
}

func (t *serverTunnel) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err == nil {
		err = t.flush.Flush()
	}
	return n, err
}

// CloseWrite ends the whole tunnel: net/http cannot end a response and continue to read the request.
func (t *serverTunnel) CloseWrite() error { return t.Close() }

func verify(state tls.ConnectionState, roots *x509.CertPool, usage x509.ExtKeyUsage) error {
	intermediates := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}
