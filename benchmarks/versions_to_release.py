"""Make new versions of the reference package to release, tagged in the sandbox's repository."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import read_version
from benchmarks.sandbox import Sandbox
from benchmarks.toolbox import Toolbox, run_timed


@dataclass(frozen=True)
class Tagged:
    """A version that waits to be released.

    Attributes:
        checkout: Its commit, checked out.
        folder: Holds nothing but what belongs to this version.
    """

    version: str
    tag: str
    sha: str
    checkout: Path
    folder: Path


def tag_next_version(sandbox: Sandbox, folder: Path, number: int) -> Tagged:
    """Commit a new version on dev, tag it, and check it out."""
    folder.mkdir()
    checkout = folder / "checkout"
    sandbox.clone(checkout)
    pyproject = checkout / "pyproject.toml"
    version, before = f"1.0.{number}", read_version(checkout)
    text = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(text.replace(f'"{before}"', f'"{version}"'), encoding="utf-8")
    sandbox.git("commit", "--quiet", "--all", "--message", f"Version {version}", cwd=checkout)
    sha = sandbox.git("rev-parse", "HEAD", cwd=checkout)
    tag = f"v{version}-dev"
    sandbox.git("tag", "--annotate", "--message", tag, tag, cwd=checkout)
    # By path, not by the server: what a push costs there is no part of a release.
    sandbox.git("fetch", "--quiet", str(checkout), f"+dev:dev-{number}", f"+{tag}:refs/tags/{tag}")
    sandbox.git("update-ref", "refs/heads/dev", sha)
    return Tagged(version, tag, sha, checkout, folder)


def require_installable(
    sandbox: Sandbox, environment: str, version: str, toolbox: Toolbox, folder: Path
) -> float:
    """Install a version from an environment's index, and return how many seconds it took.

    Raises:
        CommandFailedError: pip does not find it there.
    """
    index_url = sandbox.environment(environment)["index_url"]
    token = access_token(sandbox, environment, "reader")
    # In a variable, because arguments are seen by every process on the machine.
    address = index_url.replace("://", f"://oauth2accesstoken:{token}@")
    command = ["python3", "-I", "-m", "pip", "install", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--target", str(folder / f"installed-{environment}"), f"eigenoid-sample=={version}"]
    environ = toolbox.environ(PIP_INDEX_URL=address, PIP_FIND_LINKS="", PIP_CONFIG_FILE="/dev/null")
    return run_timed(command, environ).seconds


def access_token(sandbox: Sandbox, environment: str, role: str) -> str:
    """Make an access token for an environment's index; `role` is `reader` or `writer`."""
    body = {"environment": environment, "role": role}
    return str(sandbox.control("POST", "access-tokens", body)["token"])
