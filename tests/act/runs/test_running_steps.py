"""What takes long is named with its seconds, and nothing that has ended."""

from dist_sandbox.rehearse.results.liveness import RunningSteps


def test_only_what_runs_is_named() -> None:
    now = [0.0]
    steps = RunningSteps(clock=lambda: now[0])
    steps.begin("release dev")
    steps.begin("build", "checkout")
    steps.end("build", "checkout")
    now[0] = 4
    steps.begin("build", "pip")
    steps.begin("test", "pytest")
    now[0] = 12
    assert steps.describe() == "release dev 12 s, build / pip 8 s, test / pytest 8 s"
    assert steps.describe(10) == "release dev 12 s"
    steps.end("test")
    assert steps.describe() == "release dev 12 s, build / pip 8 s"
    steps.end("release dev")
    steps.end("build")
    assert steps.describe() == ""
