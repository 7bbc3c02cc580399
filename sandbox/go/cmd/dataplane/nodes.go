package main

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// noRequests is the annotation by which a cluster says that requests cannot be sent in it, and why:
// a verification then does not take their failure for the mesh's.
const noRequests = "oke-ambient-mesh.sandbox/no-requests"

// tellNodes writes on every node why requests cannot be carried, or takes that off again.
func (d *dataplane) tellNodes(ctx context.Context) error {
	for _, node := range d.cluster.Nodes() {
		said, ok := node.Annotations[noRequests]
		if said == d.noRequests && ok == (d.noRequests != "") {
			continue
		}
		var value any
		if d.noRequests != "" {
			value = d.noRequests
		}
		patch, err := json.Marshal(map[string]any{
			"metadata": map[string]any{"annotations": map[string]any{noRequests: value}},
		})
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
