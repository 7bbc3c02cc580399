package envoy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/istiod"
)

// relay forwards an Envoy's stream to istiod and back, as pilot-agent does: Envoy itself is istiod's
// client, subscribes to resources and acknowledges them. Only the resources are translated.
type relay struct {
	discoveryv3.UnimplementedAggregatedDiscoveryServiceServer

	name       string
	identity   istiod.Identity
	istiod     *istiod.Istiod
	translator *translator
	// answered is called with Envoy's reason for rejecting a configuration, empty when it accepts it.
	answered func(typeURL, problem string)
}

type deltaStream = discoveryv3.AggregatedDiscoveryService_DeltaAggregatedResourcesServer

// DeltaAggregatedResources returns when either side ends; Envoy then opens a new stream.
func (r *relay) DeltaAggregatedResources(envoy deltaStream) error {
	conn, err := r.istiod.Dial(r.identity)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithCancelCause(istiod.WithCluster(envoy.Context()))
	defer cancel(nil)
	upstream, err := discoveryv3.NewAggregatedDiscoveryServiceClient(conn).
		DeltaAggregatedResources(ctx, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	go func() { cancel(r.requests(envoy, upstream)) }()
	for {
		response, err := upstream.Recv()
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			slog.Info("envoy: stream ended", "pod", r.name, "error", err)
			return err
		}
		for _, resource := range response.Resources {
			if resource.Resource, err = r.translator.translate(resource.Resource); err != nil {
				return fmt.Errorf("%s: %w", resource.Name, err)
			}
		}
		if err := envoy.Send(response); err != nil {
			return err
		}
	}
}

func (r *relay) requests(
	envoy deltaStream, upstream discoveryv3.AggregatedDiscoveryService_DeltaAggregatedResourcesClient,
) error {
	for {
		request, err := envoy.Recv()
		if err != nil {
			return err
		}
		if problem := request.ErrorDetail.GetMessage(); problem != "" {
			slog.Error("envoy: configuration rejected", "pod", r.name, "type", request.TypeUrl, "error", problem)
			r.answered(request.TypeUrl, problem)
			if strings.Contains(problem, "Address already in use") {
				// Another process took the port: the next stream gets other ports.
				r.translator.forget()
				return errors.New(problem)
			}
		} else if request.ResponseNonce != "" {
			r.answered(request.TypeUrl, "")
		}
		if err := upstream.Send(request); err != nil {
			return err
		}
	}
}
