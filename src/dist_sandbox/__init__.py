"""Simulators of GitHub, Google Cloud and the indexes, and rehearsals that run against them."""
