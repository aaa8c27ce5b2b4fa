// Command answer writes one byte and waits for its input to end: the smallest
// program whose start can be seen.
package main

import (
	"io"
	"os"
)

func main() {
	os.Stdout.Write([]byte{'.'})
	io.Copy(io.Discard, os.Stdin)
}
