"""Routes: each validates, calls one function of the service or the library, and shapes the reply."""
