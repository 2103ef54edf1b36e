"""Look for a private key in the environment of every process of this user.

The option `loot` is the file that says so: the digest of each key, never the key. It is written in
any case, so that it also tells that this code ran.
"""

import contextlib
import hashlib
from pathlib import Path
from typing import Any


def strike(job: Any) -> None:
    """Read `/proc/*/environ`."""
    digests = set()
    for file in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            for line in file.read_bytes().split(b"\0"):
                if b"PRIVATE KEY-----" in line:
                    key = line.partition(b"=")[2].strip()
                    digests.add(hashlib.sha256(key).hexdigest())
    with Path(job.options["loot"]).open("a", encoding="utf-8") as loot:
        loot.write("".join(f"{digest}\n" for digest in sorted(digests)) or "nothing\n")
