"""The status of many packages: what stands where, what waits and what has drifted."""
