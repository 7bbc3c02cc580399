// Package loadbalancer simulates the cloud's load balancers: it listens on the loopback addresses of
// Services of type LoadBalancer and forwards connections to their Pods.
package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"

	corev1 "k8s.io/api/core/v1"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/cluster"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

// unprivileged is added to a port that only root may listen on: 80 becomes 8080.
const unprivileged = 8000

// Balancers listens for every Service that has a loopback address.
type Balancers struct {
	Cluster *cluster.Cluster
	Network *network.Network

	mu        sync.Mutex
	listeners map[frontend]*listener
}

type frontend struct {
	Service string
	Address netip.Addr
	Port    int32
}

type listener struct {
	net.Listener
	problem string
}

// Status is one port of a load balancer.
type Status struct {
	Service string `json:"service"`
	// Address is the host:port in the Service's status.
	Address string `json:"address"`
	// Listening is the host:port in use, empty when it does not listen.
	Listening string `json:"listening"`
	Problem   string `json:"problem,omitempty"`
}

// Reconcile listens on exactly the addresses in the Services' status.
func (b *Balancers) Reconcile() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[frontend]*listener{}
	}
	wanted := map[frontend]bool{}
	for _, service := range b.Cluster.Services() {
		for _, ingress := range service.Status.LoadBalancer.Ingress {
			address, err := netip.ParseAddr(ingress.IP)
			if err != nil || !address.IsLoopback() {
				continue
			}
			for _, port := range service.Spec.Ports {
				if port.Protocol == corev1.ProtocolUDP {
					continue
				}
				key := frontend{service.Namespace + "/" + service.Name, address, port.Port}
				wanted[key] = true
				// A port that was not free is tried again on every change.
				if old := b.listeners[key]; old == nil || old.problem != "" {
					b.replace(key, service.Namespace, service.Name)
				}
			}
		}
	}
	for key, listener := range b.listeners {
		if !wanted[key] {
			listener.close()
			delete(b.listeners, key)
		}
	}
}

func (b *Balancers) replace(key frontend, namespace, name string) {
	opened, err := listen(key.Address, uint16(key.Port))
	old := b.listeners[key]
	if old != nil && old.Listener != nil && err != nil {
		return
	}
	next := &listener{Listener: opened}
	if err != nil {
		next.problem = err.Error()
		if key.Port < 1024 && errors.Is(err, syscall.EACCES) {
			next.Listener, err = listen(key.Address, uint16(key.Port+unprivileged))
			if err != nil {
				next.problem += "; " + err.Error()
			}
		}
		if old == nil {
			slog.Warn("load balancer: cannot listen", "service", key.Service, "address", key.Address,
				"port", key.Port, "error", next.problem)
		}
	}
	if old != nil {
		old.close()
	}
	b.listeners[key] = next
	if next.Listener != nil {
		go b.accept(next.Listener, key, namespace, name)
	}
}

func listen(address netip.Addr, port uint16) (net.Listener, error) {
	return net.Listen("tcp", netip.AddrPortFrom(address, port).String())
}

func (l *listener) close() {
	if l.Listener != nil {
		l.Close()
	}
}

func (b *Balancers) accept(from net.Listener, key frontend, namespace, name string) {
	for {
		conn, err := from.Accept()
		if err != nil {
			return
		}
		go b.forward(conn.(*net.TCPConn), key, namespace, name)
	}
}

func (b *Balancers) forward(conn *net.TCPConn, key frontend, namespace, name string) {
	endpoints := b.endpoints(namespace, name, key.Port)
	if len(endpoints) == 0 {
		network.Reset(conn)
		return
	}
	upstream, err := b.Network.Dial(context.Background(), network.Node, endpoints[rand.IntN(len(endpoints))])
	if err != nil {
		network.Reset(conn)
		return
	}
	network.Join(conn, upstream.(*net.TCPConn))
}

func (b *Balancers) endpoints(namespace, name string, port int32) []netip.AddrPort {
	for _, service := range b.Cluster.Services() {
		if service.Namespace == namespace && service.Name == name {
			return b.Cluster.Endpoints(service, port)
		}
	}
	return nil
}

// Status lists every port of every load balancer.
func (b *Balancers) Status() []Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := []Status{}
	for key, listener := range b.listeners {
		status := Status{
			Service: key.Service, Address: fmt.Sprintf("%s:%d", key.Address, key.Port), Problem: listener.problem,
		}
		if listener.Listener != nil {
			status.Listening = listener.Addr().String()
		}
		all = append(all, status)
	}
	return all
}

// Close stops listening.
func (b *Balancers) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, listener := range b.listeners {
		listener.close()
	}
}
