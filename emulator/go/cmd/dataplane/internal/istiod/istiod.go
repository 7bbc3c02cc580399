// Package istiod connects to istiod the way the agents in a cluster do: over TLS checked against
// the root certificate istiod publishes, as a service account, with a token of the API server.
package istiod

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// SystemNamespace is where istiod and its ConfigMaps are.
	SystemNamespace = "istio-system"
	// RootConfigMap holds istiod's root certificate, in every namespace.
	RootConfigMap = "istio-ca-root-cert"
	// MetricsPort is the port of istiod's Pods for Prometheus.
	MetricsPort = 15014

	serverName = "istiod.istio-system.svc"
	audience   = "istio-ca"
	clusterID  = "Kubernetes"
)

// Is reports whether istiod runs for this Pod.
func Is(pod *corev1.Pod) bool {
	return pod.Namespace == SystemNamespace && pod.Labels["app"] == "istiod"
}

// Identity is a Kubernetes service account.
type Identity struct{ Namespace, ServiceAccount string }

// Istiod connects to istiod at Address, the host:port of its TLS port.
type Istiod struct {
	Address string
	Client  kubernetes.Interface
	// RootPEM returns the content of RootConfigMap, empty until istiod has written it.
	RootPEM func() string

	mu           sync.Mutex
	signedUnder  string
	certificates map[Identity]*tls.Certificate
}

// Dial opens a connection whose calls authenticate as that identity.
func (i *Istiod) Dial(id Identity) (*grpc.ClientConn, error) {
	roots, err := i.Roots()
	if err != nil {
		return nil, err
	}
	return grpc.NewClient("passthrough:///"+i.Address,
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
			RootCAs: roots, ServerName: serverName, MinVersion: tls.VersionTLS12,
		})),
		grpc.WithPerRPCCredentials(&token{client: i.Client, id: id}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)),
	)
}

// Roots returns the root certificates of the mesh's identities.
func (i *Istiod) Roots() (*x509.CertPool, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(i.RootPEM())) {
		return nil, errors.New("istiod has not published its root certificate yet (ConfigMap " +
			SystemNamespace + "/" + RootConfigMap + ")")
	}
	return roots, nil
}

// WithCluster adds the cluster's name to a call's metadata.
func WithCluster(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "ClusterID", clusterID)
}

type token struct {
	client kubernetes.Interface
	id     Identity

	mu      sync.Mutex
	value   string
	renewAt time.Time
}

func (t *token) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Now().After(t.renewAt) {
		const life = 3600
		seconds := int64(life)
		request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
			Audiences: []string{audience}, ExpirationSeconds: &seconds,
		}}
		reply, err := t.client.CoreV1().ServiceAccounts(t.id.Namespace).
			CreateToken(ctx, t.id.ServiceAccount, request, metav1.CreateOptions{})
		if err != nil {
			return nil, fmt.Errorf("token of %s/%s: %w", t.id.Namespace, t.id.ServiceAccount, err)
		}
		t.value, t.renewAt = reply.Status.Token, time.Now().Add(life/2*time.Second)
	}
	return map[string]string{"authorization": "Bearer " + t.value}, nil
}

func (t *token) RequireTransportSecurity() bool { return true }
