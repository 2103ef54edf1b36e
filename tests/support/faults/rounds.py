"""`--fault-rounds`: how many times over what is chosen by chance is played."""

import json
from collections.abc import Callable

import pytest

from support.faults.picture import FIGURES


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--fault-rounds", type=int, default=1, help="rounds of faults by chance")
    parser.addoption("--fault-figures", action="store_true", help=f"append figures to {FIGURES}")


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How many rounds are wanted."""
    return int(request.config.getoption("--fault-rounds"))


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Notes the figures of one case, where they are wanted."""
    wanted = request.config.getoption("--fault-figures")

    def append(**figures: object) -> None:
        if wanted:
            FIGURES.parent.mkdir(parents=True, exist_ok=True)
            with FIGURES.open("a", encoding="utf-8") as file:
                file.write(json.dumps(figures) + "\n")

    return append
