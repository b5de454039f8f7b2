package failure

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// winsock holds the POSIX names of Winsock's error numbers.
var winsock = map[syscall.Errno]string{
	windows.WSAEACCES:        "EACCES",
	windows.WSAEADDRNOTAVAIL: "EADDRNOTAVAIL",
	windows.WSAECONNABORTED:  "ECONNABORTED",
	windows.WSAECONNREFUSED:  "ECONNREFUSED",
	windows.WSAECONNRESET:    "ECONNRESET",
	windows.WSAEHOSTDOWN:     "EHOSTDOWN",
	windows.WSAEHOSTUNREACH:  "EHOSTUNREACH",
	windows.WSAEMFILE:        "EMFILE",
	windows.WSAENETDOWN:      "ENETDOWN",
	windows.WSAENETUNREACH:   "ENETUNREACH",
	windows.WSAENOBUFS:       "ENOBUFS",
	windows.WSAETIMEDOUT:     "ETIMEDOUT",
}

// errno returns the name of the system's error number within err, or "".
func errno(err error) string {
	var number syscall.Errno
	errors.As(err, &number)
	return winsock[number]
}
