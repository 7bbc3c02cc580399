// Package cluster holds the objects that the data plane needs, kept current by informers: nodes,
// Pods, Services, endpoints and namespaces.
package cluster

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
)

// Cluster reads from the informers' caches; no method calls the API server.
type Cluster struct {
	Client kubernetes.Interface

	nodes      corelisters.NodeLister
	pods       corelisters.PodLister
	services   corelisters.ServiceLister
	namespaces corelisters.NamespaceLister
	configMaps corelisters.ConfigMapLister
	slices     discoverylisters.EndpointSliceLister
}

// Follow starts the informers, waits until their caches are filled, and calls changed after every
// change, often and from several goroutines.
func Follow(ctx context.Context, client kubernetes.Interface, changed func()) (*Cluster, error) {
	factory := informers.NewSharedInformerFactory(client, 0)
	core := factory.Core().V1()
	c := &Cluster{
		Client:     client,
		nodes:      core.Nodes().Lister(),
		pods:       core.Pods().Lister(),
		services:   core.Services().Lister(),
		namespaces: core.Namespaces().Lister(),
		configMaps: core.ConfigMaps().Lister(),
		slices:     factory.Discovery().V1().EndpointSlices().Lister(),
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { changed() },
		UpdateFunc: func(any, any) { changed() },
		DeleteFunc: func(any) { changed() },
	}
	for _, informer := range []cache.SharedIndexInformer{
		core.Nodes().Informer(), core.Pods().Informer(), core.Services().Informer(),
		core.Namespaces().Informer(), core.ConfigMaps().Informer(), factory.Discovery().V1().EndpointSlices().Informer(),
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return nil, err
		}
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return nil, fmt.Errorf("the API server did not list %v", kind)
		}
	}
	return c, nil
}

// Nodes lists every node.
func (c *Cluster) Nodes() []*corev1.Node {
	all, _ := c.nodes.List(labels.Everything())
	return all
}

// Pods lists the Pods that run: with an address, not finished, not being deleted.
func (c *Cluster) Pods() []*corev1.Pod {
	all, _ := c.pods.List(labels.Everything())
	running := slices.DeleteFunc(all, func(pod *corev1.Pod) bool { return !runs(pod) })
	slices.SortFunc(running, func(a, b *corev1.Pod) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return running
}

func runs(pod *corev1.Pod) bool {
	return pod.Status.PodIP != "" && pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil
}

// Pod returns the running Pod of that name, or nil.
func (c *Cluster) Pod(namespace, name string) *corev1.Pod {
	pod, err := c.pods.Pods(namespace).Get(name)
	if err != nil || !runs(pod) {
		return nil
	}
	return pod
}

// PodAt returns the running Pod with this address, or nil. Pods on the host's network do not count.
func (c *Cluster) PodAt(address netip.Addr) *corev1.Pod {
	for _, pod := range c.Pods() {
		if !pod.Spec.HostNetwork && pod.Status.PodIP == address.String() {
			return pod
		}
	}
	return nil
}

// Services lists every Service.
func (c *Cluster) Services() []*corev1.Service {
	all, _ := c.services.List(labels.Everything())
	return all
}

// NamespaceLabels returns the labels of a namespace, nil when there is no such namespace.
func (c *Cluster) NamespaceLabels(name string) map[string]string {
	namespace, err := c.namespaces.Get(name)
	if err != nil {
		return nil
	}
	return namespace.Labels
}

// ConfigMap returns the data of a ConfigMap, nil when there is none.
func (c *Cluster) ConfigMap(namespace, name string) map[string]string {
	configMap, err := c.configMaps.ConfigMaps(namespace).Get(name)
	if err != nil {
		return nil
	}
	if configMap.Data == nil {
		return map[string]string{}
	}
	return configMap.Data
}

// Resolve is the cluster's DNS: it returns the cluster IP of the Service that host (`name`,
// `name.namespace`, `name.namespace.svc` or the full name) denotes to a Pod in that namespace. A
// headless Service has none.
func (c *Cluster) Resolve(namespace, host string) (address netip.Addr, ok bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		return address, true
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	rest := []string{"svc", "cluster", "local"}
	if len(labels) > 1 {
		namespace = labels[1]
	}
	if len(labels) > 2 && (len(labels) > 5 || !slices.Equal(labels[2:], rest[:len(labels)-2])) {
		return netip.Addr{}, false
	}
	service, err := c.services.Services(namespace).Get(labels[0])
	if err != nil {
		return netip.Addr{}, false
	}
	address, err = netip.ParseAddr(service.Spec.ClusterIP)
	return address, err == nil
}

// ServiceAt returns the Service with this cluster IP, or nil.
func (c *Cluster) ServiceAt(address netip.Addr) *corev1.Service {
	for _, service := range c.Services() {
		if service.Spec.ClusterIP == address.String() {
			return service
		}
	}
	return nil
}

// Endpoints returns the ready endpoints behind a Service's port, as kube-proxy would.
func (c *Cluster) Endpoints(service *corev1.Service, port int32) []netip.AddrPort {
	at := slices.IndexFunc(service.Spec.Ports, func(p corev1.ServicePort) bool {
		return p.Port == port && p.Protocol != corev1.ProtocolUDP
	})
	if at < 0 {
		return nil
	}
	all, _ := c.slices.EndpointSlices(service.Namespace).List(labels.Set{
		discoveryv1.LabelServiceName: service.Name,
	}.AsSelector())
	var endpoints []netip.AddrPort
	for _, slice := range all {
		for _, p := range slice.Ports {
			if p.Port == nil || p.Name == nil || *p.Name != service.Spec.Ports[at].Name {
				continue
			}
			for _, endpoint := range slice.Endpoints {
				if endpoint.Conditions.Ready != nil && !*endpoint.Conditions.Ready {
					continue
				}
				if address, err := netip.ParseAddr(endpoint.Addresses[0]); err == nil {
					endpoints = append(endpoints, netip.AddrPortFrom(address, uint16(*p.Port)))
				}
			}
		}
	}
	return endpoints
}
