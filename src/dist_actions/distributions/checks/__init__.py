"""Check distributions before anything is sent; nothing is extracted."""
