package prometheus

import (
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
)

// mount creates the folders of a Pod's volumes and, like a kubelet, keeps the files of ConfigMap volumes
// up to date. Prometheus reads a changed configuration only when it is reloaded or restarted.
func mount(folder string, pod *corev1.Pod, configMap func(namespace, name string) map[string]string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, volume := range pod.Spec.Volumes {
		at := filepath.Join(folder, "volumes", volume.Name)
		if err := os.MkdirAll(at, 0o700); err != nil {
			return err
		}
		if volume.ConfigMap == nil {
			continue
		}
		source := volume.ConfigMap
		name := pod.Namespace + "/" + source.Name
		optional := source.Optional != nil && *source.Optional
		data := configMap(pod.Namespace, source.Name)
		if data == nil {
			if optional {
				continue
			}
			return fmt.Errorf("there is no ConfigMap %s", name)
		}
		files, missing := project(data, source.Items)
		if missing != "" && !optional {
			return fmt.Errorf("ConfigMap %s has no key %s", name, missing)
		}
		if err := replaceFiles(at, files); err != nil {
			return err
		}
	}
	return nil
}

// project returns the files of a ConfigMap's keys, by path, and a key that is not there, if any.
func project(data map[string]string, items []corev1.KeyToPath) (files map[string]string, missing string) {
	if len(items) == 0 {
		return data, ""
	}
	files = map[string]string{}
	for _, item := range items {
		content, ok := data[item.Key]
		if !ok {
			missing = item.Key
			continue
		}
		files[item.Path] = content
	}
	return files, missing
}

// replaceFiles makes a folder contain exactly these files.
func replaceFiles(folder string, files map[string]string) error {
	for path, content := range files {
		file := filepath.Join(folder, path)
		if old, err := os.ReadFile(file); err == nil && string(old) == content {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		// A reader sees the old content or the new one.
		if err := os.WriteFile(file+".new", []byte(content), 0o600); err != nil {
			return err
		}
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, wanted := files[entry.Name()]; !wanted && !entry.IsDir() {
			if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
