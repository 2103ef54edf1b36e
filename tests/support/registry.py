"""A registry of images on this machine, Debian's, for tests marked `docker`."""

import shutil
import subprocess
from collections.abc import Iterator
from threading import Thread

import pytest

#: Port 0 is a free one, which the log names.
_CONFIGURATION = """\
version: 0.1
log: {{accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:0"}}
"""
_LISTENS = 'msg="listening on '


def find_missing_tool() -> str:
    """Tell what this machine lacks for images to be built, pushed and pulled; empty for nothing."""
    if not shutil.which("docker") or _fails("docker", "version"):
        return "no Docker engine answers"
    if _fails("docker", "buildx", "version"):
        return "the docker command has no buildx"
    return "" if shutil.which("docker-registry") else "docker-registry is not installed"


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a registry; yield its address, `127.0.0.1:PORT`, which engines trust without TLS.

    Skip where this machine cannot fill it.
    """
    if missing := find_missing_tool():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("registry")
    settings = folder / "settings.yml"
    settings.write_text(_CONFIGURATION.format(folder=folder / "blobs"), encoding="utf-8")
    with subprocess.Popen(
        ["docker-registry", "serve", settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if _LISTENS in line)
        address = line.partition(_LISTENS)[2].partition('"')[0]
        Thread(target=process.stderr.read).start()  # a log that nobody reads would stop it
        yield address
        remove_images(address)
        process.terminate()


def remove_images(address: str) -> None:
    """Remove what an engine has of a registry."""
    listing = ("docker", "image", "ls", "--quiet", "--filter", f"reference={address}/*/*")
    images = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    if images:
        subprocess.run(
            ["docker", "image", "rm", "--force", *set(images)], capture_output=True, check=True
        )
