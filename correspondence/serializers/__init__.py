"""The shapes of requests and answers. They check and write; they never store."""
