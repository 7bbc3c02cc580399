package network

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

func TestDial(t *testing.T) {
	pod, to := netip.MustParseAddr("10.244.0.5"), netip.MustParseAddrPort("10.244.0.6:9080")
	n := &Network{Deliver: func(from netip.Addr, to netip.AddrPort, conn net.Conn) {
		if to.Port() == 81 {
			Reset(conn)
			return
		}
		_, _ = io.WriteString(conn, from.String()+" "+to.String())
		conn.Close()
	}}
	read := func(from netip.Addr, to netip.AddrPort) (string, error) {
		conn, err := n.Dial(context.Background(), from, to)
		if err != nil {
			return "", err
		}
		defer conn.Close()
		said, err := io.ReadAll(conn)
		return string(said), err
	}
	for range 2 {
		if said, err := read(pod, to); err != nil || said != "10.244.0.5 10.244.0.6:9080" {
			t.Errorf("%q, %v", said, err)
		}
	}
	if said, err := read(Node, to); err != nil || said != "invalid IP 10.244.0.6:9080" {
		t.Errorf("from no Pod: %q, %v", said, err)
	}
	if _, err := read(pod, netip.AddrPortFrom(to.Addr(), 81)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a port without a server: %v", err)
	}
	before, _ := n.Address(pod, to)
	n.Forget(func(address netip.Addr) bool { return address == to.Addr() })
	if _, err := net.Dial("tcp", before.String()); err == nil {
		t.Error("a deleted Pod is still reachable")
	}
}

func TestJoin(t *testing.T) {
	a, farA := pair(t)
	b, farB := pair(t)
	done := make(chan struct{})
	go func() { Join(a, b); close(done) }()
	if _, err := io.WriteString(farA, "request"); err != nil {
		t.Fatal(err)
	}
	_ = farA.CloseWrite()
	if got, err := io.ReadAll(farB); string(got) != "request" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := io.WriteString(farB, "response"); err != nil {
		t.Fatal(err)
	}
	farB.Close()
	if got, err := io.ReadAll(farA); string(got) != "response" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	<-done
}

func TestJoinPassesAResetOn(t *testing.T) {
	a, farA := pair(t)
	b, farB := pair(t)
	go Join(a, b)
	Reset(farB)
	if _, err := io.ReadAll(farA); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
}

func pair(t *testing.T) (near, far *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close(); accepted.Close() })
	return accepted.(*net.TCPConn), dialled.(*net.TCPConn)
}
