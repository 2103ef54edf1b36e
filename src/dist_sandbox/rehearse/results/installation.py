"""Prove that a package can be installed from an index: with pip, into a new environment."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from dist_sandbox.rehearse.errors import ToolError
from dist_sandbox.rehearse.results.observation import ReadableIndex
from dist_sandbox.rehearse.toolchain import base_python, find_uv, run_program

#: Run by the new environment's Python, away from any source: imports what the distribution holds.
_PROBE = """
import importlib, importlib.metadata as metadata, re, sys
found = metadata.distribution(sys.argv[1])
names = set()
for file in found.files or ():
    first = file.parts[0]
    if first.endswith(".py") or (len(file.parts) > 1 and file.suffix in (".py", ".so", ".pyi")):
        names.add(first.split(".")[0])
names = {name for name in names if name.isidentifier()}
own = re.sub("[-_.]+", "_", sys.argv[1]).lower()
chosen = [name for name in names if name.lower() == own] or [
    name for name in names if not name.startswith("_") and name not in ("tests", "test", "docs")
]
if not chosen:
    sys.exit(f"{sys.argv[1]} holds no importable module")
for name in sorted(chosen):
    importlib.import_module(name)
print(found.version)
"""
#: Prints whether the distribution requires others; those of extras do not count.
_REQUIRES = """
import importlib.metadata as metadata, sys
requires = metadata.requires(sys.argv[1]) or []
print(any("extra ==" not in line for line in requires))
"""


@dataclass(frozen=True)
class Installer:
    """Installs from indexes.

    Attributes:
        folder: Where the environments are made.
        environ: The environment that pip runs with.
        kept_pip: The packages of a new environment, if they are kept.
    """

    folder: Path
    environ: Mapping[str, str]
    kept_pip: Path | None = None

    def install(
        self,
        project: str,
        version: str,
        index: ReadableIndex,
        *,
        name: str,
        siblings: Sequence[tuple[str, str]] = (),
    ) -> str:
        """Install one version from an index, import it, and return the version that it reports.

        Where this machine has no Python that the version is for, the answer says so.

        The project itself is taken from this index alone, as are the repository's other packages
        if it requires anything; the rest comes from wherever the machine's pip is set up to look.
        The siblings are those packages, with their versions; `name` is the new environment's.

        Raises:
            ToolError: pip or the import failed.
        """
        requirement = f"{project}=={version}"
        alone = {key: value for key, value in self.environ.items() if key != "PIP_FIND_LINKS"}
        alone |= {"PIP_INDEX_URL": _with_credentials(index), "PIP_EXTRA_INDEX_URL": ""}

        def install_alone(python: Path) -> list[str]:
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            self._run([*pip, "--no-deps", "--no-cache-dir", requirement], alone)
            return pip

        python = self._make_environment(self.folder / name)
        try:
            pip = install_alone(python)
        except ToolError as error:
            other = re.search(rf"\b{re.escape(version)} Requires-Python (\S+)", str(error))
            if other is None or not find_uv():
                raise
            # The rehearsal's own Python is not of those that the project is for.
            wanted = other[1].rstrip(";,")
            try:
                python = self._make_environment(self.folder / f"{name}-python", wanted)
            except ToolError:
                return f"not tried: it needs Python {wanted}"
            pip = install_alone(python)
        ask = [str(python), "-I", "-c"]
        if self._run([*ask, _REQUIRES, project], self.environ).strip() == "True":
            requirements = [f"{sibling}=={number}" for sibling, number in siblings]
            if requirements:
                self._run([*pip, "--no-deps", "--no-cache-dir", *requirements], alone)
            self._run([*pip, requirement], self.environ)
        return self._run([*ask, _PROBE, project], self.environ).splitlines()[-1]

    def _make_environment(self, folder: Path, wanted: str = "") -> Path:
        uv, base = find_uv(), wanted or str(base_python())
        packages = self.kept_pip if self.kept_pip and self.kept_pip.is_dir() else None
        if uv:
            seed = [] if packages else ["--seed"]
            command = [uv, "venv", "--quiet", *seed, "--python", base, str(folder)]
        else:
            command = [base, "-m", "venv", str(folder)]
        self._run(command, self.environ)
        if uv and packages:
            for target in folder.glob("lib/*/site-packages"):
                (target / "kept_pip.pth").write_text(f"{packages.resolve()}\n", encoding="utf-8")
        return folder / "bin" / "python"

    def _run(self, command: Sequence[str], environ: Mapping[str, str]) -> str:
        label = " ".join([os.path.basename(command[0]), *command[1:5]])
        return run_program(command, folder=self.folder, environ=environ, label=label)


def _with_credentials(index: ReadableIndex) -> str:
    """Put the credentials into the index's address, which goes into the environment, not argv."""
    if index.credentials is None:
        return index.url
    user, password = (quote(part, safe="") for part in index.credentials)
    parts = urlsplit(index.url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc}"))
