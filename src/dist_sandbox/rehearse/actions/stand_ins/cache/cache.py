"""Stand-in for actions/cache: there is never an entry."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import StandInLimitError, read_input, run_action, set_output


def main() -> None:
    """Report that nothing was found."""
    key = read_input("key")
    if read_input("fail-on-cache-miss").lower() == "true":
        raise StandInLimitError(
            "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: "
            f"{key}.",
            why="a rehearsal has no cache, not even of an earlier job of the same run.",
            fix="rehearse without fail-on-cache-miss, or hand the files over as an artifact.",
        )
    print(f"Cache not found for input keys: {key}")
    set_output("cache-primary-key", key)
    set_output("cache-hit", "")
    set_output("cache-matched-key", "")


run_action(main)
