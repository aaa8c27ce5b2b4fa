package store

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// holder names the process that has the lock on path: " (pid 4711)", or
// nothing where the kernel does not say. It asks the kernel rather than a pid
// file, which would outlive a kill -9 and lie.
func holder(path string) string {
	var st syscall.Stat_t
	f, err := os.Open("/proc/locks")
	if err != nil || syscall.Stat(path, &st) != nil {
		return ""
	}
	defer f.Close()
	inode := fmt.Sprintf(":%d", st.Ino)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 4711 00:2d:1234 0 EOF
		field := strings.Fields(lines.Text())
		if len(field) > 5 && field[1] == "FLOCK" && strings.HasSuffix(field[5], inode) && field[4] > "0" {
			return " (pid " + field[4] + ")"
		}
	}
	return ""
}
