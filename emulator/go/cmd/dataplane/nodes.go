package main

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Annotations that tell a verification what is real, what is simulated, and why requests cannot be
// sent if they cannot.
const (
	annotationReal       = "oke-ambient-mesh.sandbox/real"
	annotationStandIns   = "oke-ambient-mesh.sandbox/stand-ins"
	annotationNoRequests = "oke-ambient-mesh.sandbox/no-requests"
)

// annotations returns the nodes' annotations; an empty value means that there must be none.
func (d *dataplane) annotations() map[string]string {
	wanted := map[string]string{
		annotationReal:       "Pulumi engine, API server, scheduler, istiod",
		annotationStandIns:   "OCI, kubelet",
		annotationNoRequests: d.noRequests,
	}
	if d.noRequests == "" {
		wanted[annotationReal] += ", Envoy"
		wanted[annotationStandIns] += ", ztunnel, Bookinfo's servers"
	}
	return wanted
}

// annotateNodes annotates every node.
func (d *dataplane) annotateNodes(ctx context.Context) error {
	for _, node := range d.cluster.Nodes() {
		changes := map[string]any{}
		for name, value := range d.annotations() {
			if have, ok := node.Annotations[name]; have == value && ok == (value != "") {
				continue
			}
			changes[name] = value
			if value == "" {
				changes[name] = nil
			}
		}
		if len(changes) == 0 {
			continue
		}
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": changes}})
		if err != nil {
			return err
		}
		if _, err := d.cluster.Client.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, patch,
			metav1.PatchOptions{}); err != nil {
			return fmt.Errorf("annotate node %s: %w", node.Name, err)
		}
	}
	return nil
}
