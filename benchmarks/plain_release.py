"""The plain way to release: a new virtual environment with build and twine, and their commands."""

from pathlib import Path

from benchmarks.sandbox import Sandbox
from benchmarks.toolbox import Toolbox, run_timed
from benchmarks.versions_to_release import Tagged, access_token


def release_plainly(
    sandbox: Sandbox, tagged: Tagged, environment: str, toolbox: Toolbox, downloads: Path
) -> dict[str, float]:
    """Build and upload a version by hand, and return seconds by step.

    Args:
        sandbox: Whose index takes the files.
        tagged: What to release.
        environment: Names the index.
        toolbox: What is on PATH.
        downloads: pip's cache.

    Raises:
        CommandFailedError: A step failed.
    """
    venv, dist = tagged.folder / "plain-venv", tagged.folder / "plain-dist"
    python = venv / "bin" / "python"
    environ = toolbox.environ(PIP_CACHE_DIR=downloads)
    upload_environ = {
        **environ,
        "TWINE_REPOSITORY_URL": sandbox.environment(environment)["upload_url"],
        "TWINE_USERNAME": "oauth2accesstoken",
        "TWINE_PASSWORD": access_token(sandbox, environment, "writer"),
        "TWINE_NON_INTERACTIVE": "1",
    }
    install = [python, "-m", "pip", "install", "--quiet", "build", "twine"]
    build = [python, "-m", "build", "--outdir", dist, tagged.checkout]
    times = {
        "make the virtual environment": run_timed(
            ["python3", "-m", "venv", venv], environ, cwd=tagged.folder
        ).seconds,
        "pip install build twine": run_timed(install, environ, cwd=tagged.folder).seconds,
        "python -m build": run_timed(build, environ, cwd=tagged.folder).seconds,
    }
    files = sorted(dist.iterdir())
    upload = [python, "-m", "twine", "upload", "--disable-progress-bar", *files]
    times["twine upload"] = run_timed(upload, upload_environ, cwd=tagged.folder).seconds
    return times
