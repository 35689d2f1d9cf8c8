"""One exchange with a server: a request, and an answer that comes whole or in pieces."""
