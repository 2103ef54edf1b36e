"""Make what a Dockerfile describes in a folder, and run programs in it.

bubblewrap shows the folder as `/`, with this machine's programs read-only below `/usr`: what the
Dockerfile installs, writes or deletes, it does in that folder.
"""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dockerfile import (
    Instruction,
    NotPlayedError,
    python_version,
    read_assignments,
    read_dockerfile,
    substitute,
)
from python_requirements import distance, fits
from pythons import find_interpreters, text_of
from runner import note_difference

_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr")
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
#: What installers and clients need to reach the services, also while the image is made.
_PASSED_ON = re.compile(
    r"(PIP|UV)_\w+|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|GIT_SSL_\w+|NODE_EXTRA_CA_CERTS|"
    r"(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY",
)
#: Files of the machine's /etc that an image does not have.
_OWN_SETTINGS = ("shadow*", "gshadow*", "sudoers*", "ssh", "gitconfig", "ssl/private")
_INSTALLERS = ("apt", "apt-get", "apk")
_INSTALLER = """\
#!/bin/sh
echo "::notice title=rehearsal::$0 $*: the rehearsal installs no system packages; \
the action has those of this machine."
"""
_PIP = '#!/bin/sh\nexec "{python}" -m pip "$@"\n'


@dataclass
class Image:
    """A folder that is the `/` of a Docker action.

    Attributes:
        root: The folder.
        bubblewrap: The program that shows it.
        readable: Files and folders of this machine that are seen at their own place.
        env: The variables that the Dockerfile has set.
        workdir: The folder in which its instructions run.
        entrypoint: The program that is started.
        cmd: Its arguments, unless the action has others.
        shell: What runs the shell form of an instruction.
    """

    root: Path
    bubblewrap: str
    readable: list[Path] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    entrypoint: list[str] = field(default_factory=list)
    cmd: list[str] = field(default_factory=list)
    shell: list[str] = field(default_factory=lambda: ["/bin/sh", "-c"])
    _arguments: dict[str, str] = field(default_factory=dict)
    _own_local: bool = True

    def build(self, dockerfile: Path) -> None:
        """Carry out the instructions of a Dockerfile.

        Raises:
            NotPlayedError: One cannot be played.
        """
        for instruction in read_dockerfile(dockerfile.read_text(encoding="utf-8")):
            self._carry_out(instruction, dockerfile.parent)

    def run(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        folder: str,
        shown: Mapping[str, Path] | None = None,
    ) -> int:
        """Run a program in the image; return its exit status.

        Args:
            environ: Its variables, besides those of the image.
            folder: The folder in which it starts.
            shown: Further folders that it may change, by the place at which it sees them.
        """
        arguments = [self.bubblewrap, "--unshare-user", "--uid", "0", "--gid", "0"]
        arguments += ["--die-with-parent", "--bind", str(self.root), "/"]
        for path in _system_folders():
            arguments += ["--ro-bind", str(path), str(path)]
        if self._own_local:
            arguments += ["--bind", str(self.root / "usr/local"), "/usr/local"]
        arguments += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev"]
        for path in self.readable:
            arguments += ["--ro-bind", str(path), str(path)]
        for place, path in (shown or {}).items():
            arguments += ["--bind", str(path), place]
        arguments += ["--chdir", folder, "--", *command]
        return subprocess.run(arguments, env={**self.env, **environ}, check=False).returncode

    def _carry_out(self, instruction: Instruction, context: Path) -> None:
        values = {**self._arguments, **self.env}
        text = substitute(instruction.text, values)
        match instruction.name:
            case "FROM":
                self._begin(python_version(text))
            case "ARG":
                for name, value in read_assignments(text):
                    self._arguments.setdefault(name, value)
            case "ENV":
                self.env |= dict(read_assignments(text))
            case "WORKDIR":
                self.workdir = str(PurePosixPath(self.workdir, text.strip("\"'")))
                self._place(self.workdir).mkdir(parents=True, exist_ok=True)
            case "COPY" | "ADD":
                words = instruction.words or shlex.split(text)
                self._copy([substitute(word, values) for word in words], context, instruction)
            case "RUN":
                self._build_step(instruction, values)
            case "SHELL":
                self.shell = instruction.words or self.shell
            case "ENTRYPOINT":
                self.entrypoint, self.cmd = self._command(instruction), []
            case "CMD":
                self.cmd = self._command(instruction)

    def _command(self, instruction: Instruction) -> list[str]:
        return instruction.words or [*self.shell, instruction.text]

    def _build_step(self, instruction: Instruction, values: Mapping[str, str]) -> None:
        print(f"RUN {instruction.text}", flush=True)
        environ = {"PIP_PROGRESS_BAR": "off", **passed_on(os.environ), **values}
        status = self.run(self._command(instruction), environ, folder=self.workdir)
        if status != 0:
            raise NotPlayedError(f"`RUN {instruction.text[:200]}` (exit status {status})")

    def _copy(self, words: Sequence[str], context: Path, instruction: Instruction) -> None:
        *sources, target = words
        if any("://" in source for source in sources):
            raise NotPlayedError(f"a download by {instruction.name}")
        place = self._place(str(PurePosixPath(self.workdir, target)))
        files = [file for source in sources for file in _find(context, source)]
        into_folder = target.endswith(("/", "/.")) or target == "." or len(files) > 1
        for file in files:
            if file.is_dir():
                shutil.copytree(file, place, symlinks=True, dirs_exist_ok=True)
                continue
            copy = place / file.name if into_folder or place.is_dir() else place
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
            if instruction.flags.get("chmod", "").isdigit():
                copy.chmod(int(instruction.flags["chmod"], 8))

    def _place(self, path: str) -> Path:
        """Return where a path of the image is on this machine."""
        pure = PurePosixPath(os.path.normpath(path))
        system = any(pure.is_relative_to(folder) for folder in _SYSTEM)
        if system and not (self._own_local and pure.is_relative_to("/usr/local")):
            raise NotPlayedError(f"files in {pure}, where this machine's own programs are")
        return Path(self.root, str(pure).lstrip("/"))

    def _begin(self, version: str) -> None:
        """Start from an image of Python, with an interpreter of this machine."""
        interpreter = _find_interpreter(version)
        prefix = interpreter.resolve().parents[1]
        self._own_local = not prefix.is_relative_to("/usr/local")
        home = "/usr/local" if self._own_local else "/opt/image"
        for place in ("root", "tmp", "var/tmp", "usr/local/bin", "proc", "dev", "home", "run"):
            (self.root / place).mkdir(parents=True)
        for link in (path for path in map(Path, _SYSTEM) if path.is_symlink()):
            (self.root / link.name).symlink_to(link.readlink())
        _copy_settings(self.root / "etc")
        path = _PATH if self._own_local else f"{home}/bin:{_PATH}"
        with (self.root / "etc/profile").open("a", encoding="utf-8") as profile:
            profile.write(f'\nPATH="{path}"\nexport PATH\n')
        self.env = {"PATH": path, "LANG": "C.UTF-8", "HOME": "/root"}
        self.readable += [
            *([] if prefix.is_relative_to("/usr") else [prefix]),
            *named_paths(os.environ),
        ]
        folder = self.root / home.lstrip("/")
        command = [str(interpreter), "-m", "venv", "--without-pip", "--system-site-packages"]
        made = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise NotPlayedError(f"an environment with {interpreter}: {made.stderr.strip()[-300:]}")
        for name in ("pip", "pip3"):
            _write_program(folder / "bin" / name, _PIP.format(python=f"{home}/bin/python"))
        for name in _INSTALLERS:
            _write_program(folder / "bin" / name, _INSTALLER)
        self._try()

    def _try(self) -> None:
        """Refuse to go on where this machine does not let bubblewrap show the folder."""
        if self.run(["true"], {}, folder="/") != 0:
            raise NotPlayedError("bubblewrap cannot show it as a system of its own here")


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Choose the variables by which programs reach packages and services."""
    return {name: value for name, value in environ.items() if _PASSED_ON.fullmatch(name)}


def named_paths(environ: Mapping[str, str]) -> list[Path]:
    """List the files and folders of this machine that those variables name."""
    words = [word for value in passed_on(environ).values() for word in value.split()]
    paths = [Path(word.removeprefix("file://")) for word in words]
    return [path for path in dict.fromkeys(paths) if path.is_absolute() and path.exists()]


def _system_folders() -> list[Path]:
    """List the folders of this machine's programs; some systems have links for all but one."""
    return [path for path in map(Path, _SYSTEM) if path.is_dir() and not path.is_symlink()]


def _find_interpreter(version: str) -> Path:
    interpreters = find_interpreters(version)
    fitting = [candidate for candidate in interpreters if fits(candidate, version)]
    if not interpreters:
        raise NotPlayedError(f"Python {version}, which is not on this machine")
    if fitting:
        return Path(interpreters[max(fitting)])
    nearest = min(interpreters, key=lambda candidate: distance(candidate, version))
    note_difference(
        f"The action's image has Python {version}, which is not on this machine; "
        f"{text_of(nearest)} stands in."
    )
    return Path(interpreters[nearest])


def _find(context: Path, source: str) -> list[Path]:
    """Find the files that a source names, which lie in the Dockerfile's folder."""
    pattern = os.path.normpath(source.lstrip("/") or ".")
    files = [context] if pattern == "." else sorted(context.glob(pattern))
    files = [file for file in files if file.resolve().is_relative_to(context.resolve())]
    if not files:
        raise NotPlayedError(f"COPY of {source}, which does not exist")
    return files


def _copy_settings(target: Path) -> None:
    """Copy what can be read of /etc; the rest belongs to this machine's administrator."""
    ignore = shutil.ignore_patterns(*_OWN_SETTINGS)
    with contextlib.suppress(shutil.Error):
        shutil.copytree("/etc", target, symlinks=True, ignore=ignore, dirs_exist_ok=True)


def _write_program(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
