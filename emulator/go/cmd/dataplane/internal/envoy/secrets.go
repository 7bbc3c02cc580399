package envoy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secretv3 "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
)

// secrets sends an Envoy its certificate and the mesh's root under the names that pilot-agent uses.
type secrets struct {
	secretv3.UnimplementedSecretDiscoveryServiceServer

	identity istiod.Identity
	istiod   *istiod.Istiod
}

// StreamSecrets answers each request, and sends a new certificate when one is due for renewal.
func (s *secrets) StreamSecrets(stream secretv3.SecretDiscoveryService_StreamSecretsServer) error {
	requests := make(chan *discoveryv3.DiscoveryRequest)
	broken := make(chan error, 1)
	go func() {
		for {
			request, err := stream.Recv()
			if err != nil {
				broken <- err
				return
			}
			select {
			case requests <- request:
			case <-stream.Context().Done():
				return
			}
		}
	}()
	var names []string
	version := 0
	renew := time.NewTimer(time.Hour)
	for {
		select {
		case err := <-broken:
			return err
		case request := <-requests:
			if request.ResponseNonce != "" && len(request.ResourceNames) == len(names) {
				continue // an acknowledgement
			}
			names = request.ResourceNames
		case <-renew.C:
		}
		version++
		response, next, err := s.response(stream.Context(), names, fmt.Sprint(version))
		if err != nil {
			return err
		}
		renew.Reset(time.Until(next))
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

func (s *secrets) response(
	ctx context.Context, names []string, version string,
) (*discoveryv3.DiscoveryResponse, time.Time, error) {
	certificate, err := s.istiod.Certificate(ctx, s.identity)
	if err != nil {
		return nil, time.Time{}, err
	}
	response := &discoveryv3.DiscoveryResponse{
		TypeUrl: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", VersionInfo: version, Nonce: version,
	}
	for _, name := range names {
		secret, err := s.secret(name, certificate)
		if err != nil {
			return nil, time.Time{}, err
		}
		resource, err := anypb.New(secret)
		if err != nil {
			return nil, time.Time{}, err
		}
		response.Resources = append(response.Resources, resource)
	}
	return response, istiod.RenewAt(certificate).Add(time.Second), nil
}

func (s *secrets) secret(name string, certificate *tls.Certificate) (*tlsv3.Secret, error) {
	if name == "ROOTCA" {
		return &tlsv3.Secret{Name: name, Type: &tlsv3.Secret_ValidationContext{
			ValidationContext: &tlsv3.CertificateValidationContext{TrustedCa: inline([]byte(s.istiod.RootPEM()))},
		}}, nil
	}
	var chain []byte
	for _, der := range certificate.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return nil, err
	}
	return &tlsv3.Secret{Name: name, Type: &tlsv3.Secret_TlsCertificate{
		TlsCertificate: &tlsv3.TlsCertificate{
			CertificateChain: inline(chain),
			PrivateKey:       inline(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		},
	}}, nil
}

func inline(pem []byte) *corev3.DataSource {
	return &corev3.DataSource{Specifier: &corev3.DataSource_InlineBytes{InlineBytes: pem}}
}
