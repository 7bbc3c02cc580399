package ztunnel

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/capture"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/cluster"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

// connectTimeout limits connecting to the other end. The value is ztunnel's.
const connectTimeout = 10 * time.Second

// Ztunnel carries the connections of every Pod: those of captured Pods as ztunnel does, those of
// other Pods unencrypted, as kube-proxy and the Pod network do.
type Ztunnel struct {
	Cluster *cluster.Cluster
	Network *network.Network
	Istiod  *istiod.Istiod
	State   *State
	// Server returns the local address of the server for a Pod's port, false when there is none.
	Server func(pod *corev1.Pod, port uint16) (netip.AddrPort, bool)

	watch watch
}

// Recheck resets the open connections that the current policies deny.
func (z *Ztunnel) Recheck() { z.watch.recheck(z.check) }

// Dial connects a Pod to host:port like a connection made inside that Pod in its current state.
func (z *Ztunnel) Dial(ctx context.Context, namespace, name, host string, port uint16) (net.Conn, error) {
	pod := z.Cluster.Pod(namespace, name)
	if pod == nil {
		return nil, fmt.Errorf("Pod %s/%s is not running", namespace, name)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	address, ok := z.Cluster.Resolve(pod.Namespace, host)
	if !ok {
		return nil, &UnknownHost{host}
	}
	// A server keeps the Pod of its start, but whether the Pod is captured changes while it runs.
	if now := z.Cluster.Pod(pod.Namespace, pod.Name); now != nil {
		pod = now
	}
	from, to := netip.MustParseAddr(pod.Status.PodIP), netip.AddrPortFrom(address, port)
	if !capture.Is(pod) {
		return z.plain(ctx, from, to)
	}
	conn, err := z.tunnel(ctx, pod, from, to)
	log := slog.With("source", pod.Namespace+"/"+pod.Name, "target", host, "address", to)
	if err != nil {
		log.Info("ztunnel: connection failed", "error", err)
	} else {
		log.Debug("ztunnel: connection opened")
	}
	return conn, err
}

// UnknownHost is the error for a name that the cluster's DNS does not resolve.
type UnknownHost struct{ Host string }

func (u *UnknownHost) Error() string { return "no such host: " + u.Host }

// plain connects a cluster IP to one of the Service's endpoints, as kube-proxy does.
func (z *Ztunnel) plain(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	if service := z.Cluster.ServiceAt(to.Addr()); service != nil {
		endpoints := z.Cluster.Endpoints(service, int32(to.Port()))
		if len(endpoints) == 0 {
			return nil, fmt.Errorf("no ready endpoint behind %s.%s port %d", service.Name, service.Namespace, to.Port())
		}
		to = endpoints[rand.IntN(len(endpoints))]
	}
	return z.Network.Dial(ctx, from, to)
}

func (z *Ztunnel) tunnel(
	ctx context.Context, pod *corev1.Pod, from netip.Addr, to netip.AddrPort,
) (net.Conn, error) {
	hop, err := z.State.Route(to)
	if err != nil {
		return nil, err
	}
	if hop.Authority == "" {
		return z.plain(ctx, from, hop.To)
	}
	roots, err := z.Istiod.Roots()
	if err != nil {
		return nil, err
	}
	certificate, err := z.Istiod.Certificate(ctx, identityOf(pod))
	if err != nil {
		return nil, err
	}
	conn, err := z.Network.Dial(ctx, from, hop.To)
	if err != nil {
		return nil, err
	}
	stream, err := openTunnel(ctx, conn, certificate, roots, hop.Identity, hop.Authority)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return tunnelConn{stream, conn}, nil
}

// Deliver accepts a connection to a Pod's address. For a captured Pod, ztunnel accepts it: tunnels on
// HBONEPort, and plain traffic without an identity on every other port.
func (z *Ztunnel) Deliver(from netip.Addr, to netip.AddrPort, conn net.Conn) {
	pod := z.Cluster.PodAt(to.Addr())
	if pod == nil {
		network.Reset(conn)
		return
	}
	if !capture.Is(pod) {
		z.join(pod, to.Port(), conn.(network.Stream))
		return
	}
	if to.Port() != HBONEPort {
		upstream, err := z.admit(context.Background(), pod, Connection{Source: from, Target: to})
		if err != nil {
			network.Reset(conn)
			return
		}
		network.Join(conn.(network.Stream), upstream)
		return
	}
	if err := z.inbound(from, pod, conn); err != nil {
		slog.Warn("ztunnel: tunnel failed", "from", from, "to", pod.Namespace+"/"+pod.Name, "error", err)
	}
}

func (z *Ztunnel) inbound(from netip.Addr, pod *corev1.Pod, conn net.Conn) error {
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	roots, err := z.Istiod.Roots()
	if err != nil {
		return err
	}
	certificate, err := z.Istiod.Certificate(ctx, identityOf(pod))
	if err != nil {
		return err
	}
	return serveTunnels(conn, certificate, roots,
		func(ctx context.Context, peer string, target netip.AddrPort) (network.Stream, error) {
			if target.Addr().String() != pod.Status.PodIP {
				return nil, fmt.Errorf("%s is not %s/%s", target, pod.Namespace, pod.Name)
			}
			return z.admit(ctx, pod, Connection{Identity: peer, Source: from, Target: target})
		})
}

// admit connects to the server for the Pod's port, if policy allows it.
func (z *Ztunnel) admit(ctx context.Context, pod *corev1.Pod, connection Connection) (network.Stream, error) {
	if err := z.check(connection); err != nil {
		slog.Info("ztunnel: connection denied", "pod", pod.Namespace+"/"+pod.Name, "identity", connection.Identity,
			"source", connection.Source, "target", connection.Target, "error", err)
		return nil, err
	}
	upstream, err := z.open(ctx, pod, connection.Target.Port())
	if err != nil {
		return nil, err
	}
	return z.watch.add(connection, upstream), nil
}

// check evaluates the policies of the workload at which a connection arrives.
func (z *Ztunnel) check(connection Connection) error {
	workload := z.State.Workload(connection.Target.Addr())
	if workload == nil {
		return fmt.Errorf("istiod has sent no workload with the address %s", connection.Target.Addr())
	}
	return Authorize(connection, z.State.policiesFor(workload))
}

func (z *Ztunnel) join(pod *corev1.Pod, port uint16, conn network.Stream) {
	upstream, err := z.open(context.Background(), pod, port)
	if err != nil {
		network.Reset(conn)
		return
	}
	network.Join(conn, upstream)
}

func (z *Ztunnel) open(ctx context.Context, pod *corev1.Pod, port uint16) (network.Stream, error) {
	address, ok := z.Server(pod, port)
	if !ok {
		return nil, fmt.Errorf("no server for port %d of %s/%s", port, pod.Namespace, pod.Name)
	}
	conn, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(ctx, "tcp", address.String())
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

func identityOf(pod *corev1.Pod) istiod.Identity {
	return istiod.Identity{Namespace: pod.Namespace, ServiceAccount: pod.Spec.ServiceAccountName}
}

// tunnelConn is a tunnel with the addresses and deadlines of its underlying connection.
type tunnelConn struct {
	network.Stream
	net.Conn
}

func (t tunnelConn) Read(p []byte) (int, error)  { return t.Stream.Read(p) }
func (t tunnelConn) Write(p []byte) (int, error) { return t.Stream.Write(p) }
func (t tunnelConn) Close() error                { return t.Stream.Close() }
