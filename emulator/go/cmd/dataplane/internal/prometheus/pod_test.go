package prometheus

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestOnlyPrometheusImagesAreRun(t *testing.T) {
	for name, want := range map[string]bool{
		"docker.io/prom/prometheus:v3.10.0": true, "prom/prometheus": true,
		"quay.io/prometheus/prometheus@sha256:00": true,
		"docker.io/prom/alertmanager:v0.31.0":     false, "example.com/myprom/prometheus-adapter:1": false,
	} {
		pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Image: "other"}, {Image: name}}}}
		if got := container(pod) != nil; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestArgumentsAreKeptExceptForPathsAndTheAddress(t *testing.T) {
	c := &corev1.Container{VolumeMounts: []corev1.VolumeMount{
		{Name: "config", MountPath: "/etc/prometheus"}, {Name: "data", MountPath: "/prometheus"},
	}}
	listen := netip.MustParseAddrPort("127.0.0.1:4000")
	line, err := translate([]string{
		"--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path", "/prometheus/tsdb", "--web.config.file=/web.yml",
		"--web.listen-address=0.0.0.0:9191", "--web.route-prefix=/prometheus", "--storage.tsdb.retention.time=6h",
	}, pathIn("/state", c), listen)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"--config.file=/state/volumes/config/prometheus.yml", "--storage.tsdb.path=/state/volumes/data/tsdb",
		"--web.config.file=/state/container/web.yml", "--web.route-prefix=/prometheus", "--storage.tsdb.retention.time=6h",
		"--web.listen-address=127.0.0.1:4000",
	}
	if !slices.Equal(line.arguments, want) || line.port != 9191 {
		t.Errorf("port %d, %s", line.port, strings.Join(line.arguments, "\n"))
	}
	if line, _ = translate(nil, pathIn("/state", c), listen); line.port != 9090 || len(line.arguments) != 3 {
		t.Errorf("without arguments: %+v", line)
	}
	if _, err := translate([]string{"--config.file"}, pathIn("/state", c), listen); err == nil {
		t.Error("an option without its value was accepted")
	}
}

func TestMountedFilesFollowTheConfigMap(t *testing.T) {
	folder := t.TempDir()
	data := map[string]string{"prometheus.yml": "one", "old.yml": "old"}
	pod := &corev1.Pod{Spec: corev1.PodSpec{Volumes: []corev1.Volume{
		{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "prometheus"},
		}}},
		{Name: "data", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}}}
	configMap := func(_, name string) map[string]string {
		if name != "prometheus" {
			t.Errorf("asked for %s", name)
		}
		return data
	}
	for _, content := range []string{"one", "two"} {
		data["prometheus.yml"] = content
		if content == "two" {
			delete(data, "old.yml")
		}
		if err := mount(folder, pod, configMap); err != nil {
			t.Fatal(err)
		}
		got, _ := os.ReadFile(filepath.Join(folder, "volumes", "config", "prometheus.yml"))
		if string(got) != content {
			t.Errorf("%q, want %q", got, content)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "volumes", "config", "old.yml")); !os.IsNotExist(err) {
		t.Error("a file whose key is gone is still there")
	}
	data = nil
	if err := mount(folder, pod, configMap); err == nil || !strings.Contains(err.Error(), "no ConfigMap") {
		t.Errorf("a missing ConfigMap: %v", err)
	}
	pod.Spec.Volumes[0].ConfigMap.Items = []corev1.KeyToPath{{Key: "prometheus.yaml", Path: "prometheus.yml"}}
	data = map[string]string{"prometheus.yml": "one"}
	if err := mount(folder, pod, configMap); err == nil || !strings.Contains(err.Error(), "has no key prometheus.yaml") {
		t.Errorf("a missing key: %v", err)
	}
}
