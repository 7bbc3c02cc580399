package main

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/sandbox/go/cmd/dataplane/internal/capture"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/sandbox/go/cmd/dataplane/internal/cluster"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/sandbox/go/cmd/dataplane/internal/envoy"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/sandbox/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/sandbox/go/cmd/dataplane/internal/network"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/sandbox/go/cmd/dataplane/internal/ztunnel"
)

type options struct{ kubeconfig, istiod, envoy, dir string }

// settle is how long changes are collected before they are acted on.
const settle = 50 * time.Millisecond

func run(ctx context.Context, o options) error {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 50, 100
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	changes := make(chan struct{}, 1)
	changed := func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
	pods, err := cluster.Follow(ctx, client, changed)
	if err != nil {
		return err
	}
	server := &istiod.Istiod{Address: o.istiod, Client: client, RootPEM: func() string {
		return pods.ConfigMap(istiod.SystemNamespace, istiod.RootConfigMap)["root-cert.pem"]
	}}
	sockets, err := os.MkdirTemp("", "mesh-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(sockets)
	net := &network.Network{}
	envoys := &envoy.Fleet{Binary: o.envoy, Sockets: sockets, Logs: o.dir, Istiod: server, Network: net}
	defer envoys.Stop()
	mesh := &ztunnel.Ztunnel{
		Cluster: pods, Network: net, Istiod: server, State: &ztunnel.State{},
		Server: func(pod *corev1.Pod, port uint16) (netip.AddrPort, bool) { return envoys.Server(pod, port) },
	}
	net.Deliver = mesh.Deliver
	go mesh.State.Follow(ctx, server, func() *corev1.Pod { return nil }, func(bool) {})
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		}
		time.Sleep(settle)
		if err := capture.Reconcile(ctx, pods); err != nil {
			slog.Error("istio-cni", "error", err)
		}
		envoys.Reconcile(pods.Pods())
	}
}
