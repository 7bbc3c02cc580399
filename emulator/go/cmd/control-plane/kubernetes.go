package main

import (
	"os"
	_ "time/tzdata" // time zones of CronJobs

	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	kubeapiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	kubecontrollermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kubescheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kube-apiserver/apiserver.go
func apiserver() {
	os.Exit(cli.Run(kubeapiserver.NewAPIServerCommand()))
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kube-controller-manager/controller-manager.go
func controllerManager() {
	os.Exit(cli.Run(kubecontrollermanager.NewControllerManagerCommand()))
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kube-scheduler/scheduler.go
func scheduler() {
	os.Exit(cli.Run(kubescheduler.NewSchedulerCommand()))
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kubectl/kubectl.go
func kubectl() {
	// Before cli.RunNoErrOutput parses the flags, for what is logged while the command is put together.
	_, _ = logs.GlogSetter(cmd.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
