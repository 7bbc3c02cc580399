// Command control-plane is etcd, Kubernetes, KWOK, istiod and Helm in one executable, which acts as the program by
// whose name it is called. They consist of the same libraries: linking them once instead of eight times saves a
// minute of a first build.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// programs are the mains, each a copy of the upstream one: a Go program cannot import another's main.
var programs = map[string]func(){
	"etcd":                    etcd,
	"helm":                    helm,
	"kube-apiserver":          apiserver,
	"kube-controller-manager": controllerManager,
	"kube-scheduler":          scheduler,
	"kubectl":                 kubectl,
	"kwok":                    kwok,
	"pilot-discovery":         pilotDiscovery,
}

func main() {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	program, ok := programs[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(programs)), ", ")
		fmt.Fprintf(os.Stderr, "%s: call this executable by a link with the name of a program: %s\n", name, names)
		os.Exit(2)
	}
	if !strings.HasPrefix(name, "kube-") {
		// Kubernetes' servers register --version in it wherever they are linked, and cobra adds it to every command.
		pflag.CommandLine = pflag.NewFlagSet(name, pflag.ExitOnError)
	}
	program()
}
