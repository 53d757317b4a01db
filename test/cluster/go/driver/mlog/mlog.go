// Package mlog has what the Secrets Store CSI driver calls of monis.app/mlog, by klog: text on standard error.
package mlog

import (
	"context"
	"os"

	"k8s.io/klog/v2"
)

// LogFormat is taken and left aside: the tests read text.
type LogFormat string

const (
	FormatText LogFormat = "text"
	FormatJSON LogFormat = "json"
)

// Setup returns the function that flushes the log.
func Setup() func() { return klog.Flush }

// ValidateAndSetKlogLevelAndFormatGlobally leaves klog as its own flags made it.
func ValidateAndSetKlogLevelAndFormatGlobally(context.Context, klog.Level, LogFormat) error {
	return nil
}

// Error logs an error.
func Error(message string, err error) { klog.ErrorS(err, message) }

// Fatal logs an error and ends the process.
func Fatal(err error) {
	klog.ErrorS(err, "the driver ends")
	klog.Flush()
	os.Exit(1)
}
