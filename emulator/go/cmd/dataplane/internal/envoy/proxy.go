// Package envoy runs an official Envoy for each Pod that is a waypoint or a gateway, as istiod
// configures it.
package envoy

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"

	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secretv3 "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	corev1 "k8s.io/api/core/v1"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/child"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

// Proxy is one Pod's Envoy.
type Proxy struct {
	Name string // namespace/name of the Pod

	log        string
	translator *translator
	statistics *statistics
	cancel     context.CancelFunc
	done       chan struct{}

	mu       sync.Mutex
	rejected map[string]string // Envoy's reasons, by type of configuration
}

// Start runs an Envoy for the Pod until Stop; an Envoy that exits is restarted. Its
// sockets are in dir, which no other Pod uses; its log is written to logFile.
func Start(binary, dir, logFile string, pod *corev1.Pod, server *istiod.Istiod, pods *network.Network) (*Proxy, error) {
	node, err := Node(pod)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "agent.sock")
	admin := filepath.Join(dir, "admin.sock")
	config, err := bootstrap(node, socket, admin)
	if err != nil {
		return nil, err
	}
	identity := istiod.Identity{Namespace: pod.Namespace, ServiceAccount: pod.Spec.ServiceAccountName}
	ip, err := netip.ParseAddr(pod.Status.PodIP)
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		Name: pod.Namespace + "/" + pod.Name,
		log:  logFile, rejected: map[string]string{},
		done: make(chan struct{}),
		translator: &translator{
			address: func(to netip.AddrPort) (netip.AddrPort, error) { return pods.Address(ip, to) },
			free:    pods.FreeAddress,
		},
	}
	agent, err := p.serve(socket, identity, server)
	if err != nil {
		return nil, err
	}
	if p.statistics, err = serveStatistics(admin); err != nil {
		agent.Stop()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	go func() {
		defer close(p.done)
		defer os.RemoveAll(dir)
		defer agent.Stop()
		defer p.statistics.server.Close()
		p.run(ctx, binary, string(config))
	}()
	return p, nil
}

// Stop stops the Envoy and returns when it has exited.
func (p *Proxy) Stop() {
	p.cancel()
	<-p.done
}

// Server returns the address on which the Envoy listens for a port of its Pod.
func (p *Proxy) Server(port uint16) (netip.AddrPort, bool) {
	if port == statisticsPort {
		return p.statistics.address, true
	}
	return p.translator.listener(port)
}

func (p *Proxy) status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Status{Pod: p.Name, Listening: p.translator.listens(), Rejected: slices.Sorted(maps.Values(p.rejected)), Log: p.log}
}

func (p *Proxy) serve(socket string, identity istiod.Identity, server *istiod.Istiod) (*grpc.Server, error) {
	_ = os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	agent := grpc.NewServer(grpc.MaxRecvMsgSize(64 << 20))
	discoveryv3.RegisterAggregatedDiscoveryServiceServer(agent, &relay{
		name: p.Name, identity: identity, istiod: server, translator: p.translator,
		answered: func(typeURL, problem string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.rejected, typeURL)
			if problem != "" {
				p.rejected[typeURL] = problem
			}
		},
	})
	secretv3.RegisterSecretDiscoveryServiceServer(agent, &secrets{identity: identity, istiod: server})
	go func() { _ = agent.Serve(listener) }()
	return agent, nil
}

func (p *Proxy) run(ctx context.Context, binary, config string) {
	run := func() error { return p.runOnce(ctx, binary, config) }
	child.KeepRunning(ctx, run, func(err error) {
		slog.Error("envoy: exited, restarting", "pod", p.Name, "log", p.log, "error", err)
	})
}

func (p *Proxy) runOnce(ctx context.Context, binary, config string) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	// As pilot-agent does: a change that replaces a filter chain must not leave kept-alive connections
	// on the old policies for Envoy's own ten minutes.
	// https://github.com/istio/istio/blob/1.31.1/pkg/envoy/proxy.go
	command := exec.CommandContext(ctx, binary, "--config-yaml", config, "--concurrency", "1",
		"--drain-time-s", "45", "--drain-strategy", "immediate",
		"--disable-hot-restart", "--log-level", "warning")
	command.Stdout, command.Stderr = log, log
	child.DieWithParent(command)
	if err := command.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, child.LastLine(p.log))
	}
	return nil
}
