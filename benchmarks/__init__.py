"""Measure the project's speed aims side by side; run by `scripts/bench`, no part of the wheel."""
