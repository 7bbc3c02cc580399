// Command dataplane carries the sandbox's requests. It follows the API server and istiod, runs an
// official Envoy for every waypoint and gateway, and simulates what cannot run here: the Pod
// network, kube-proxy, istio-cni, ztunnel, the load balancer and the containers of Bookinfo.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "path of an administrator's kubeconfig")
	flag.StringVar(&o.istiod, "istiod", "127.0.0.1:15012", "host:port of istiod's TLS port")
	flag.StringVar(&o.istiodMetrics, "istiod-metrics", "", "host:port of istiod's metrics; without it they cannot be scraped")
	flag.StringVar(&o.prometheus, "prometheus", "", "path of Prometheus (emulator/prometheus); without it no Pod of it answers")
	flag.StringVar(&o.envoy, "envoy", "", "path of Envoy; without it no waypoint or gateway answers")
	flag.StringVar(&o.noRequests, "no-requests", "", "why this machine cannot carry requests, for an annotation of the nodes")
	flag.StringVar(&o.kubelet, "kubelet", "", "host:port on which to serve kubectl exec, logs and port-forward; needs the three files")
	flag.StringVar(&o.files.Certificate, "kubelet-certificate", "", "PEM file")
	flag.StringVar(&o.files.Key, "kubelet-key", "", "PEM file")
	flag.StringVar(&o.files.ClientCA, "client-ca", "", "PEM file of the authority whose certificates may call the kubelet")
	flag.StringVar(&o.dir, "dir", "", "folder for status.json, and the logs of the Envoys and of Prometheus")
	verbose := flag.Bool("verbose", false, "log every connection")
	flag.Parse()
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	if o.kubeconfig == "" || o.dir == "" {
		fmt.Fprintln(os.Stderr, "dataplane: --kubeconfig and --dir are required; --help lists all flags")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "dataplane:", err)
		os.Exit(1)
	}
}
