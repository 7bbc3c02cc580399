package istiod

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"time"

	securityv1alpha1 "istio.io/api/security/v1alpha1"
)

// TrustDomain is the mesh's trust domain: the default, which the charts keep.
const TrustDomain = "cluster.local"

// URI returns the identity as written in its certificate.
func (id Identity) URI() string {
	return "spiffe://" + TrustDomain + "/ns/" + id.Namespace + "/sa/" + id.ServiceAccount
}

// PeerURI returns the identity in a peer's certificate, empty when there is none.
func PeerURI(state tls.ConnectionState) string {
	for _, certificate := range state.PeerCertificates[:min(1, len(state.PeerCertificates))] {
		for _, uri := range certificate.URIs {
			return uri.String()
		}
	}
	return ""
}

// Certificate returns a certificate for the identity, signed by istiod: a cached one during
// the first half of its life while the root is unchanged, otherwise a new one.
func (i *Istiod) Certificate(ctx context.Context, id Identity) (*tls.Certificate, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if root := i.RootPEM(); root != i.signedUnder {
		i.signedUnder, i.certificates = root, map[Identity]*tls.Certificate{}
	}
	if kept, ok := i.certificates[id]; ok && time.Now().Before(RenewAt(kept)) {
		return kept, nil
	}
	certificate, err := i.sign(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s/%s from istiod: %w", id.Namespace, id.ServiceAccount, err)
	}
	i.certificates[id] = certificate
	return certificate, nil
}

// RenewAt is the middle of a certificate's life.
func RenewAt(certificate *tls.Certificate) time.Time {
	leaf := certificate.Leaf
	return leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
}

func (i *Istiod) sign(ctx context.Context, id Identity) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	uri, err := url.Parse(id.URI())
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{URIs: []*url.URL{uri}}, key)
	if err != nil {
		return nil, err
	}
	conn, err := i.Dial(id)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(WithCluster(ctx), 10*time.Second)
	defer cancel()
	reply, err := securityv1alpha1.NewIstioCertificateServiceClient(conn).CreateCertificate(ctx,
		&securityv1alpha1.IstioCertificateRequest{
			Csr:              string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})),
			ValidityDuration: int64((24 * time.Hour).Seconds()),
		})
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	certificate, err := tls.X509KeyPair([]byte(strings.Join(reply.CertChain, "")),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	if err != nil {
		return nil, err
	}
	return &certificate, nil
}
