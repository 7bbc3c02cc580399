package main

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// By these annotations nodes say what a verification on them proves: what was real, what stood in,
// and why requests cannot be sent, if so.
const (
	annotationReal       = "oke-ambient-mesh.sandbox/real"
	annotationStandIns   = "oke-ambient-mesh.sandbox/stand-ins"
	annotationNoRequests = "oke-ambient-mesh.sandbox/no-requests"
)

// said gives the annotations as they should be; an empty value stands for none.
func (d *dataplane) said() map[string]string {
	said := map[string]string{
		annotationReal:       "Pulumi engine, API server, scheduler, istiod",
		annotationStandIns:   "OCI, kubelet",
		annotationNoRequests: d.noRequests,
	}
	if d.noRequests == "" {
		said[annotationReal] += ", Envoy"
		said[annotationStandIns] += ", ztunnel, Bookinfo's servers"
	}
	return said
}

// tellNodes annotates every node.
func (d *dataplane) tellNodes(ctx context.Context) error {
	for _, node := range d.cluster.Nodes() {
		changes := map[string]any{}
		for name, value := range d.said() {
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
