package main

import (
	"net/url"
	"os"

	commonconfig "github.com/prometheus/common/config"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/kubernetes"
)

// No container runs here, so the process finds what a container would have at fixed places by its environment: the
// service account, which client-go reads from /var/run, and the Pod network, which no kernel here knows. These are
// defaults; the configuration is read unchanged.
func init() {
	kubernetes.DefaultSDConfig.KubeConfig = os.Getenv("POD_KUBECONFIG")
	if proxy, err := url.Parse(os.Getenv("POD_NETWORK_PROXY")); err == nil && proxy.Host != "" {
		config.DefaultScrapeConfig.HTTPClientConfig.ProxyURL = commonconfig.URL{URL: proxy}
	}
}
