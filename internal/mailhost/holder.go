package mailhost

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holder names the program that listens on a TCP port, as far as this user may
// know.
func holder(port int) string {
	inodes := listeningInodes(port)
	if len(inodes) == 0 {
		return "another program"
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		inode, ok := strings.CutPrefix(target, "socket:[")
		if err != nil || !ok || !inodes[strings.TrimSuffix(inode, "]")] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, _ := os.ReadFile("/proc/" + pid + "/comm")
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return "another program, of another user (run as root: ss -ltnp 'sport = :" + strconv.Itoa(port) + "')"
}

// listeningInodes finds the sockets that listen on a port (proc_net(5)).
func listeningInodes(port int) map[string]bool {
	const listen = "0A"
	inodes := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) > 9 && fields[3] == listen && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				inodes[fields[9]] = true
			}
		}
		f.Close()
	}
	return inodes
}
