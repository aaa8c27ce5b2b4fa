// This file is empty. It lets fork_linux.go declare functions without a body.
