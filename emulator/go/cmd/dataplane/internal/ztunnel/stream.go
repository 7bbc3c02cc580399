package ztunnel

import (
	"context"
	"errors"
	"log/slog"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/types/known/structpb"
	corev1 "k8s.io/api/core/v1"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
)

// Follower receives the events of the stream from istiod.
type Follower struct {
	// Connected is called with true when istiod answers and with false when the stream breaks.
	Connected func(bool)
	// Changed is called after istiod has sent something.
	Changed func()
}

// Follow keeps the state current, connected to istiod as the ztunnel Pod that pod returns. While pod
// returns nil or istiod is unreachable, the last state remains. Follow returns when ctx is done.
func (s *State) Follow(ctx context.Context, server *istiod.Istiod, pod func() *corev1.Pod, follower Follower) {
	for ctx.Err() == nil {
		if as := pod(); as != nil {
			if err := s.stream(ctx, server, as, follower); ctx.Err() == nil {
				slog.Warn("ztunnel: stream from istiod ended, reconnecting", "error", err)
			}
			follower.Connected(false)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (s *State) stream(ctx context.Context, server *istiod.Istiod, pod *corev1.Pod, follower Follower) error {
	conn, err := server.Dial(identityOf(pod))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(istiod.WithCluster(ctx))
	defer cancel()
	stream, err := discoveryv3.NewAggregatedDiscoveryServiceClient(conn).DeltaAggregatedResources(ctx)
	if err != nil {
		return err
	}
	metadata, err := structpb.NewStruct(map[string]any{
		"NAME": pod.Name, "NAMESPACE": pod.Namespace, "CLUSTER_ID": "Kubernetes",
		"NODE_NAME": pod.Spec.NodeName, "SERVICE_ACCOUNT": pod.Spec.ServiceAccountName,
		"INSTANCE_IPS": pod.Status.PodIP,
	})
	if err != nil {
		return err
	}
	node := &corev3.Node{
		Id:       "ztunnel~" + pod.Status.PodIP + "~" + pod.Name + "." + pod.Namespace + "~" + pod.Namespace + ".svc.cluster.local",
		Metadata: metadata,
	}
	for _, typeURL := range []string{AddressType, AuthorizationType} {
		known := map[string]string{}
		for _, name := range s.Names(typeURL) {
			known[name] = ""
		}
		if err := stream.Send(&discoveryv3.DeltaDiscoveryRequest{
			Node: node, TypeUrl: typeURL, ResourceNamesSubscribe: []string{"*"}, InitialResourceVersions: known,
		}); err != nil {
			return err
		}
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		follower.Connected(true)
		var problems []error
		for _, resource := range response.Resources {
			problems = append(problems, s.Set(resource.Name, resource.Resource))
		}
		for _, name := range response.RemovedResources {
			s.Remove(response.TypeUrl, name)
		}
		follower.Changed()
		if err := errors.Join(problems...); err != nil {
			return err
		}
		if err := stream.Send(&discoveryv3.DeltaDiscoveryRequest{
			TypeUrl: response.TypeUrl, ResponseNonce: response.Nonce,
		}); err != nil {
			return err
		}
	}
}
