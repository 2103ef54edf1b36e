"""The gateway: a proxy on this machine behind which real host names lead into the sandbox."""
