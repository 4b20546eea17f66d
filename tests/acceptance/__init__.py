"""The service from outside: the processes that users start, reached as users reach them."""
