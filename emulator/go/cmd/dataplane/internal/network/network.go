// Package network simulates the Pod network: it carries TCP connections from Pod to Pod over
// loopback. No kernel here knows Pod addresses, so each pair of a sender and a Pod's port gets its
// own loopback listener on first use. Envoy's configuration has the listener's address instead of
// the Pod's.
package network

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
)

// Node is the sender of traffic that does not come from a Pod, such as a load balancer's.
var Node netip.Addr

// Network passes every connection to Deliver with the addresses that it would have on a cluster.
type Network struct {
	// Deliver takes over the connection, and closes it.
	Deliver func(from netip.Addr, to netip.AddrPort, conn net.Conn)

	mu    sync.Mutex
	links map[link]net.Listener
	given map[netip.AddrPort]bool
}

type link struct {
	from netip.Addr
	to   netip.AddrPort
}

// Address returns the loopback address on which a connection from that Pod reaches that port.
func (n *Network) Address(from netip.Addr, to netip.AddrPort) (netip.AddrPort, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := link{from, to}
	listener, ok := n.links[key]
	if !ok {
		var err error
		if listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			return netip.AddrPort{}, fmt.Errorf("no loopback port for %s: %w", to, err)
		}
		if n.links == nil {
			n.links = map[link]net.Listener{}
		}
		n.links[key] = listener
		go n.accept(key, listener)
	}
	return listener.Addr().(*net.TCPAddr).AddrPort(), nil
}

func (n *Network) accept(key link, listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go n.Deliver(key.from, key.to, conn)
	}
}

// Dial connects a Pod to a Pod's port. A port without a server accepts the connection
// and then resets it, rather than refusing it.
func (n *Network) Dial(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	address, err := n.Address(from, to)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp4", address.String())
}

// FreeAddress returns a loopback address that is free at the moment, and never the same one
// twice: two Envoys would silently share a port (SO_REUSEPORT).
func (n *Network) FreeAddress() (netip.AddrPort, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return netip.AddrPort{}, err
		}
		address := listener.Addr().(*net.TCPAddr).AddrPort()
		listener.Close()
		if !n.given[address] {
			if n.given == nil {
				n.given = map[netip.AddrPort]bool{}
			}
			n.given[address] = true
			return address, nil
		}
	}
}

// Forget closes the listeners of deleted Pods.
func (n *Network) Forget(gone func(netip.Addr) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for key, listener := range n.links {
		if gone(key.to.Addr()) || (key.from != Node && gone(key.from)) {
			listener.Close()
			delete(n.links, key)
		}
	}
}

// Reset closes a connection so that the peer sees "connection reset by peer".
func Reset(conn io.Closer) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// Stream is a connection, or a tunnel through one, whose sending half closes by itself.
type Stream interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// Join copies between two streams until both directions are done, then closes both. When one side
// fails, both are reset.
func Join(a, b Stream) {
	results := make(chan error, 2)
	pass := func(to, from Stream) {
		_, err := io.Copy(to, from)
		if err == nil {
			err = to.CloseWrite()
		}
		if err != nil {
			Reset(a)
			Reset(b)
		}
		results <- err
	}
	go pass(a, b)
	go pass(b, a)
	<-results
	<-results
	a.Close()
	b.Close()
}
