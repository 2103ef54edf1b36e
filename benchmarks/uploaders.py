"""The ways to publish a folder that are compared: the root action, twine upload, uv publish."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.action import ROOT, runner_variables
from benchmarks.measured_process import Cost, measure_command
from benchmarks.sandbox import Sandbox
from benchmarks.toolbox import Toolbox, run_timed

#: The command that is the image's entrypoint, with the checkout's modules.
_ENTRYPOINT = (
    f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); "
    "from dist_actions.cli import main; sys.exit(main(['publish']))"
)


@dataclass(frozen=True)
class Uploaders:
    """The tools, all with the same token towards the sandbox's PyPI.

    Attributes:
        python: An environment with what the action's image has, which includes twine.
        folder: Holds what the runs leave behind.
    """

    sandbox: Sandbox
    toolbox: Toolbox
    python: Path
    folder: Path

    @property
    def names(self) -> list[str]:
        """List the tools: the action first; uv where there is one."""
        return ["action", "twine", *(["uv"] if self.toolbox.has_uv else [])]

    def publish(self, name: str, dist: Path, token: str) -> Cost:
        """Publish a folder by one of the tools.

        Raises:
            subprocess.CalledProcessError: It failed.
        """
        ways: Mapping[str, Callable[[Path, str], tuple[list[object], dict[str, str]]]] = {
            "action": self._action,
            "twine": self._twine,
            "uv": self._uv,
        }
        command, variables = ways[name](dist, token)
        environ = self.toolbox.environ(uv=True, **variables)
        report = self.folder / "cost.json"
        return measure_command(command, environ, cwd=dist.parent, report=report)[0]

    @property
    def upload_url(self) -> str:
        """Return where the sandbox's PyPI takes uploads."""
        return f"{self.sandbox.ready['service_variables']['DIST_ACTIONS_PYPI_URL']}/legacy/"

    def _action(self, dist: Path, token: str) -> tuple[list[object], dict[str, str]]:
        variables = {
            **runner_variables(self.sandbox, "refs/tags/v1.0.0", "0" * 40, self.folder),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(dist.parent),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
            "INPUT_INDEX": "pypi",
            "INPUT_DIST": dist.name,
            "INPUT_PASSWORD": token,
        }
        return [self.python, "-I", "-c", _ENTRYPOINT], variables

    def _twine(self, dist: Path, token: str) -> tuple[list[object], dict[str, str]]:
        variables = {
            "TWINE_REPOSITORY_URL": self.upload_url,
            "TWINE_USERNAME": "__token__",
            "TWINE_PASSWORD": token,
            "TWINE_NON_INTERACTIVE": "1",
        }
        command = [self.python, "-I", "-m", "twine", "upload", "--disable-progress-bar"]
        return [*command, *sorted(dist.iterdir())], variables

    def _uv(self, dist: Path, token: str) -> tuple[list[object], dict[str, str]]:
        variables = {
            "UV_PUBLISH_URL": self.upload_url,
            "UV_PUBLISH_TOKEN": token,
            "UV_CACHE_DIR": str(self.folder / "uv-cache"),
            "UV_NO_CONFIG": "1",
        }
        command = [self.toolbox.uv_folder / "uv", "publish", "--quiet", "--no-progress"]
        return [*command, "--trusted-publishing", "never", *sorted(dist.iterdir())], variables


def make_image_environment(toolbox: Toolbox, folder: Path) -> Path:
    """Install what the image of the root action holds, and return its interpreter.

    Raises:
        CommandFailedError: The lock could not be installed.
    """
    python = folder / "bin" / "python"
    run_timed(["python3", "-m", "venv", folder], toolbox.environ())
    install = [python, "-m", "pip", "install", "-qq", "--no-deps", "--require-hashes"]
    lock = ROOT / "requirements" / "publish.txt"
    run_timed([*install, "--only-binary", ":all:", "-r", lock], toolbox.environ())
    return python
