"""The size of what every `uses:` of an action downloads: the repository, as one archive."""

import gzip
import subprocess

from benchmarks.action import ROOT
from benchmarks.bench import Bench
from benchmarks.figures import Figure

_AIM_BYTES = 1_000_000


def measure(bench: Bench) -> list[Figure]:
    """Compress the archive of HEAD; it is the same each time, so once is enough."""
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    size = len(gzip.compress(archive, compresslevel=9, mtime=0))
    bench.say(f"size: {size:,} bytes")
    note = "git archive HEAD | gzip -9; only what is committed"
    return [Figure("size", "archive, compressed", "bytes", (size,), _AIM_BYTES, note)]
