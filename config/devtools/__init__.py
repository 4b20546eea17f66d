"""The launcher behind `make run` and `make test`: real servers and our own processes on one machine."""
