package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/bookinfo"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/capture"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/cluster"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/envoy"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/forward"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/kubelet"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/loadbalancer"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/prometheus"
	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/ztunnel"
)

type options struct {
	kubeconfig, istiod, istiodMetrics, envoy, prometheus, dir, kubelet, noRequests string
	files                                                                          kubelet.Files
}

const (
	// settle is the delay that collects changes into one reconciliation.
	settle = 50 * time.Millisecond
	// resync is the interval of reconciliations without a change, which retry failures.
	resync = 5 * time.Second
)

// dataplane holds the parts of the data plane.
type dataplane struct {
	options
	cluster           *cluster.Cluster
	network           *network.Network
	envoys            *envoy.Fleet
	bookinfo          *bookinfo.Containers
	prometheusServers *prometheus.Servers
	proxies           *forward.Proxies
	balancers         *loadbalancer.Balancers
	mesh              *ztunnel.Ztunnel
	following         atomic.Bool // whether the ztunnel stream from istiod is open
}

func run(ctx context.Context, o options) error {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 100, 200
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
	temporary, err := makeTemporary(o.dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	d := assemble(o, pods, client, temporary)
	d.prometheusServers.API = config
	defer d.envoys.Stop()
	defer d.prometheusServers.Stop()
	defer d.balancers.Close()
	go d.mesh.State.Follow(ctx, d.mesh.Istiod, d.ztunnelPod, ztunnel.Follower{
		Connected: func(connected bool) {
			if d.following.Swap(connected) != connected {
				changed()
			}
		},
		Changed: d.mesh.Recheck,
	})
	if o.kubelet != "" {
		if err := d.serveKubelet(ctx, temporary); err != nil {
			return err
		}
	}
	slog.Info("dataplane: following the API server", "envoy", o.envoy)
	return d.follow(ctx, changes)
}

// makeTemporary creates a folder for Unix sockets, whose paths the kernel limits to about 100 bytes;
// the state folder's path may be longer. A restarted data plane gets the same folder, emptied.
func makeTemporary(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(absolute))
	path := filepath.Join(os.TempDir(), fmt.Sprintf("mesh-%x", digest[:6]))
	if err := os.RemoveAll(path); err != nil {
		return "", err
	}
	return path, os.Mkdir(path, 0o700)
}

func assemble(
	o options, pods *cluster.Cluster, client kubernetes.Interface, sockets string,
) *dataplane {
	server := &istiod.Istiod{Address: o.istiod, Client: client, RootPEM: func() string {
		return pods.ConfigMap(istiod.SystemNamespace, istiod.RootConfigMap)["root-cert.pem"]
	}}
	podNetwork := &network.Network{}
	d := &dataplane{
		options: o, cluster: pods, network: podNetwork,
		envoys:    &envoy.Fleet{Binary: o.envoy, Sockets: sockets, Logs: o.dir, Istiod: server, Network: podNetwork},
		balancers: &loadbalancer.Balancers{Cluster: pods, Network: podNetwork},
	}
	d.mesh = &ztunnel.Ztunnel{
		Cluster: pods, Network: podNetwork, Istiod: server, State: &ztunnel.State{}, Server: d.server,
	}
	podNetwork.Deliver = d.mesh.Deliver
	d.bookinfo = &bookinfo.Containers{Dial: d.mesh.Dial}
	d.proxies = &forward.Proxies{Dial: d.mesh.Dial}
	d.prometheusServers = &prometheus.Servers{
		Binary: o.prometheus, Dir: filepath.Join(o.dir, "prometheus"), Logs: o.dir,
		Client: client, ConfigMap: pods.ConfigMap, Proxy: d.proxies.URL, Free: podNetwork.FreeAddress,
	}
	return d
}

func (d *dataplane) serveKubelet(ctx context.Context, temporary string) error {
	home := filepath.Join(temporary, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	k := &kubelet.Kubelet{
		Pod: d.cluster.Pod, Proxy: d.proxies.URL, Log: d.log, Server: d.server, Dial: d.dialFromAPIServer, Home: home,
	}
	return k.Serve(ctx, d.kubelet, d.files)
}

// server returns the local address of the server for a Pod's port.
func (d *dataplane) server(pod *corev1.Pod, port uint16) (netip.AddrPort, bool) {
	if address, ok := d.envoys.Server(pod, port); ok {
		return address, true
	}
	if address, ok := d.prometheusServers.Server(pod, port); ok {
		return address, true
	}
	if port == istiod.MetricsPort && istiod.Is(pod) {
		address, err := netip.ParseAddrPort(d.istiodMetrics)
		return address, err == nil
	}
	return d.bookinfo.Server(pod, port)
}

// log returns the path of the log of a Pod's process, empty when the Pod has none.
func (d *dataplane) log(pod *corev1.Pod) string {
	if path := d.envoys.Log(pod); path != "" {
		return path
	}
	return d.prometheusServers.Log(pod)
}

// dialFromAPIServer connects the API server to a kubelet or to a Pod.
func (d *dataplane) dialFromAPIServer(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if to.String() == d.kubelet {
		return (&net.Dialer{}).DialContext(ctx, "tcp", d.kubelet)
	}
	if d.cluster.PodAt(to.Addr()) == nil {
		return nil, fmt.Errorf("no Pod has the address %s", to.Addr())
	}
	return d.network.Dial(ctx, network.Node, to)
}

// ztunnelPod returns a Pod of ztunnel to connect to istiod as; all of them get the same configuration.
func (d *dataplane) ztunnelPod() *corev1.Pod {
	for _, pod := range d.cluster.Pods() {
		if pod.Namespace == istiod.SystemNamespace && pod.Labels["app"] == "ztunnel" {
			return pod
		}
	}
	return nil
}

func (d *dataplane) follow(ctx context.Context, changes <-chan struct{}) error {
	ticker := time.NewTicker(resync)
	defer ticker.Stop()
	failed := ""
	for {
		err := d.reconcile(ctx)
		if ctx.Err() != nil {
			return nil
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != failed && text != "" {
			slog.Error("dataplane: reconciliation failed, retrying", "error", text)
		}
		failed = text
		if err := writeStatus(filepath.Join(d.dir, "status.json"), d.status(failed)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-changes:
			time.Sleep(settle)
		}
	}
}

func (d *dataplane) reconcile(ctx context.Context) error {
	pods := d.cluster.Pods()
	d.bookinfo.Reconcile(pods)
	d.envoys.Reconcile(pods)
	d.prometheusServers.Reconcile(ctx, pods)
	d.balancers.Reconcile()
	d.proxies.Reconcile(pods)
	addresses := map[string]bool{}
	for _, pod := range pods {
		addresses[pod.Status.PodIP] = true
	}
	d.network.Forget(func(address netip.Addr) bool { return !addresses[address.String()] })
	return errors.Join(capture.Reconcile(ctx, d.cluster), d.annotateNodes(ctx))
}
