"""What an installer printed becomes the true cause, its own line, and what mends it."""

import pytest

from dist_actions.locked_environment.causes import explain_failure

PIP_NONE = (
    "ERROR: Could not find a version that satisfies the requirement idna==3.20 "
    "(from versions: none)\nERROR: No matching distribution found for idna==3.20"
)
PIP_OTHERS = PIP_NONE.replace("none", "3.0, 3.1")
PIP_HASHES = (
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have "
    "updated the package versions, please update the hashes.\n    idna==3.20 from x:\n"
    "        Expected sha256 00\n             Got        11\n"
)
UV_REFUSED = (
    "error: Failed to fetch: http://user:hunter2@127.0.0.1:9/simple/idna/\n"
    "  cause: tcp connect error\n  cause: Connection refused (os error 111)\n"
)


@pytest.mark.parametrize(
    ("output", "why", "fix", "exit_status"),
    [
        (PIP_NONE, "did not answer, or holds nothing", "PIP_INDEX_URL", 3),
        (PIP_OTHERS, "does not hold what the lock names: No matching", "PIP_INDEX_URL", 1),
        (PIP_HASHES, "served other bytes than the lock names", "stands between", 1),
        (UV_REFUSED, "did not answer: Connection refused", "run the job again", 3),
        ("[Errno 28] No space left on device: '/x'", "the disk is full", "free space", 1),
        (
            "[Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp']",
            "the disk is full, or this user may write nowhere",
            "free space",
            1,
        ),
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            "the disk is full",
            "free space",
            1,
        ),
        (
            "error: x\n  cause: invalid peer certificate: UnknownIssuer",
            "not trusted",
            "SSL_CERT",
            1,
        ),
        ("ERROR: 401 Client Error: Unauthorized for url: x", "refused this runner", "user", 1),
        ("No module named 'pip'", "has no pip", "python3-pip or uv", 1),
        ("No module named 'venv'", "cannot make environments", "python3-venv", 1),
        ("[Errno 13] Permission denied: '/x'", "may not write", "RUNNER_TEMP", 1),
        ("no end within 120 s", "did not answer", "run the job again", 3),
        ("something new", "the installer failed: something new", "log", 3),
    ],
)
def test_the_cause_is_the_true_one(output: str, why: str, fix: str, exit_status: int) -> None:
    error = explain_failure(output, "/temp/environment")
    assert why in error.why
    assert fix in error.fix
    assert error.exit_status == exit_status
    assert "/temp/environment" in error.what
    assert "hunter2" not in error.lines
