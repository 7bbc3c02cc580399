package prometheus

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

var image = regexp.MustCompile(`(^|/)prom(etheus)?/prometheus([:@]|$)`)

// container returns the Pod's container of Prometheus's image, nil when it has none.
func container(pod *corev1.Pod) *corev1.Container {
	for i := range pod.Spec.Containers {
		if image.MatchString(pod.Spec.Containers[i].Image) {
			return &pod.Spec.Containers[i]
		}
	}
	return nil
}

// The image's own arguments, for a container without any.
// https://github.com/prometheus/prometheus/blob/v3.10.0/Dockerfile
var ownArguments = []string{
	"--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus",
}

// commandLine is how a container's arguments are run on this machine.
type commandLine struct {
	arguments []string
	// port is the one on which the container would listen.
	port uint16
}

// translate keeps a container's arguments, with paths of the container replaced by those on this
// machine, and with an address on which it can listen here.
func translate(arguments []string, onMachine func(path string) string, listen netip.AddrPort) (commandLine, error) {
	if len(arguments) == 0 {
		arguments = ownArguments
	}
	line := commandLine{port: 9090}
	for i := 0; i < len(arguments); i++ {
		name, value, joined := strings.Cut(arguments[i], "=")
		isAddress := name == "--web.listen-address"
		if !isAddress && !(strings.HasPrefix(name, "--") && (strings.HasSuffix(name, ".file") || strings.HasSuffix(name, ".path"))) {
			line.arguments = append(line.arguments, arguments[i])
			continue
		}
		if !joined {
			if i++; i == len(arguments) {
				return line, fmt.Errorf("%s has no value", name)
			}
			value = arguments[i]
		}
		if !isAddress {
			line.arguments = append(line.arguments, name+"="+onMachine(value))
			continue
		}
		port, err := strconv.ParseUint(value[strings.LastIndex(value, ":")+1:], 10, 16)
		if err != nil {
			return line, fmt.Errorf("%s %s has no port", name, value)
		}
		line.port = uint16(port)
	}
	line.arguments = append(line.arguments, "--web.listen-address="+listen.String())
	return line, nil
}

// pathIn returns where a path of the container is on this machine: in the folder of the volume that is mounted there,
// or in that of the container's own files.
func pathIn(folder string, c *corev1.Container) func(path string) string {
	return func(path string) string {
		if !filepath.IsAbs(path) {
			return path
		}
		path = filepath.Clean(path)
		at, longest := filepath.Join(folder, "container", path), 0
		for _, mount := range c.VolumeMounts {
			rest, err := filepath.Rel(mount.MountPath, path)
			if err != nil || rest == ".." || strings.HasPrefix(rest, "../") || len(mount.MountPath) < longest {
				continue
			}
			longest = len(mount.MountPath)
			at = filepath.Join(folder, "volumes", mount.Name, mount.SubPath, rest)
		}
		return at
	}
}
