package ztunnel

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, _ := x509.ParseCertificate(der)
	return authority{certificate, key}
}

func (a authority) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	return roots
}

func (a authority) issue(t *testing.T, id istiod.Identity) *tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	uri, _ := url.Parse(id.URI())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		URIs:        []*url.URL{uri},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTunnel(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	client := istiod.Identity{Namespace: "default", ServiceAccount: "sleep"}
	server := istiod.Identity{Namespace: "default", ServiceAccount: "bookinfo-productpage"}
	target := netip.MustParseAddrPort("10.244.0.6:9080")

	open := func(t *testing.T, certificate *tls.Certificate, peer istiod.Identity, refuse error) (network.Stream, string, error) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		seen := make(chan string, 1)
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = serveTunnels(conn, ca.issue(t, server), ca.roots(),
				func(_ context.Context, peer string, to netip.AddrPort) (network.Stream, error) {
					seen <- peer + " " + to.String()
					return echo(t), refuse
				})
		}()
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stream, err := openTunnel(ctx, conn, certificate, ca.roots(), peer, target.String())
		select {
		case who := <-seen:
			return stream, who, err
		default:
			return stream, "", err
		}
	}

	t.Run("carries bytes both ways and the identity", func(t *testing.T) {
		stream, who, err := open(t, ca.issue(t, client), server, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if who != client.URI()+" "+target.String() {
			t.Errorf("the server saw %q", who)
		}
		if _, err := stream.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := stream.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(stream); string(back) != "hello" || err != nil {
			t.Errorf("came back: %q, %v", back, err)
		}
	})
	t.Run("is refused by policy", func(t *testing.T) {
		if _, _, err := open(t, ca.issue(t, client), server, errors.New("policy")); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("%v", err)
		}
	})
	t.Run("rejects an unexpected peer", func(t *testing.T) {
		if _, _, err := open(t, ca.issue(t, client), client, nil); err == nil || !strings.Contains(err.Error(), "expected spiffe://") {
			t.Errorf("%v", err)
		}
	})
	t.Run("rejects a certificate of another authority", func(t *testing.T) {
		if _, who, err := open(t, stranger.issue(t, client), server, nil); err == nil || who != "" {
			t.Errorf("accepted as %q, %v", who, err)
		}
	})
}

// echo is a connection that sends back what it receives.
func echo(t *testing.T) network.Stream {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer listener.Close()
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(conn, conn)
		conn.Close()
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}
