//go:build tools

// Package tools names the programs that are built from this module, and the modules whose manifests are read.
package tools

import (
	_ "knative.dev/networking/config"
	_ "knative.dev/serving/cmd/controller"
	_ "knative.dev/serving/cmd/webhook"
	_ "knative.dev/serving/config/core"
)
