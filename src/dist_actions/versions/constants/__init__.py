"""Constants of Python modules, without importing them."""
