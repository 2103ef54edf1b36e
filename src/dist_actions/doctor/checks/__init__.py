"""The checks: pure functions from the facts to what is wrong with them."""
