"""The service: runs scenarios for a page and for programs, over HTTP on this machine."""
