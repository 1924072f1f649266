"""The dialects over HTTP and WebSocket."""
