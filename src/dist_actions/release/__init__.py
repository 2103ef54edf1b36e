"""The release stage: a tag becomes a GitHub release and files in its environment's index.

version   before any tag: which version a build has, where no file says it; no secret
plan      what is released, from tag, package and branch; no secret, no project code
build     sdist and wheel of exactly that commit, and their manifest; no secret
publish   draft release → index → read back → the release, published last; no project code
"""

from dist_actions.release.main import main

__all__ = ["main"]
