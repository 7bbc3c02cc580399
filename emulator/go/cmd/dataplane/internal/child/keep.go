package child

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"time"
)

// pause is the time between an exit and the next start.
const pause = 2 * time.Second

// KeepRunning calls run again, after a pause, until ctx is done. It calls exited with the error of each
// run that ended before.
func KeepRunning(ctx context.Context, run func() error, exited func(error)) {
	// The kernel ends a child with the thread that started it (see DieWithParent).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for ctx.Err() == nil {
		err := run()
		if ctx.Err() != nil {
			return
		}
		exited(err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// LastLine returns the last line of a log, in which a program usually says why it exited.
func LastLine(path string) string {
	content, _ := os.ReadFile(path)
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return string(lines[len(lines)-1])
}
