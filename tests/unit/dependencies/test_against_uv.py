"""The gate opens exactly where uv finds versions that fit together in the target's index."""

import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dist_actions.dependencies.reading import PrivatePackages
from dist_actions.dependencies.verdict import decide
from support.dependencies.indexes import MemoryIndex, describe_version, metadata_text, wheel_names

SETS = 300
#: Sets that one process of uv looks at.
BATCH = 30
#: The only Python that the promoted package supports, so that both look at the same machine.
PYTHON = "3.12"
VERSIONS = ("0.1", "0.2", "0.3", "1.0rc1", "1.0", "1.1", "2.0")
SPECIFIERS = (
    "",
    ">=0.2",
    "<1",
    "<2",
    "==0.3",
    "!=1.0",
    "~=0.1",
    ">=1.0",
    ">=1.0rc1",
    "==1.*",
    ">1.1",
)
MARKERS = (
    "",
    "",
    "",
    " ; python_version < '3.12'",
    " ; sys_platform == 'linux'",
    " ; extra == 'fast'",
)
PYTHONS = ("", "", "", "", "Requires-Python: >=3.13", "Requires-Python: >=3.8")


def _requirements(rng: random.Random, names: Sequence[str], most: int) -> list[str]:
    fields = []
    for name in rng.sample(names, min(len(names), rng.randint(0, most))):
        extra = "[fast]" if rng.random() < 0.2 else ""
        fields.append(f"{name}{extra}{rng.choice(SPECIFIERS)}{rng.choice(MARKERS)}")
    if any("extra ==" in field for field in fields):
        fields.append("Provides-Extra: fast")
    return fields


def _contents(seed: int) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
    """Make what a source holds, and the part of it that was promoted to the target."""
    rng = random.Random(seed)
    root = f"s{seed}-root"
    names = [f"s{seed}-p{number}" for number in range(rng.randint(1, 11))]
    source: dict[str, Sequence[str]] = {}
    for name in names:
        others = [*(other for other in names if other != name), root]
        for version in rng.sample(VERSIONS, rng.randint(1, 4)):
            fields = _requirements(rng, others, 2)
            source[f"{name} {version}"] = [*fields, *filter(None, [rng.choice(PYTHONS)])]
    share = rng.choice((0.6, 0.8, 0.95))
    target = {key: fields for key, fields in source.items() if rng.random() < share}
    fields = [*_requirements(rng, names, 4), f"Requires-Python: =={PYTHON}.*"]
    return {**source, f"{root} 1.0": fields}, target


def _write_wheels(folder: Path, contents: Mapping[str, Sequence[str]]) -> None:
    for key, file_name in zip(contents, wheel_names(contents), strict=True):
        info = f"{key.replace('-', '_').replace(' ', '-')}.dist-info"
        with zipfile.ZipFile(folder / file_name, "w") as wheel:
            wheel.writestr(f"{info}/METADATA", metadata_text(*key.split(), *contents[key]))
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")


def _ask_uv(folder: Path, seeds: Sequence[int]) -> dict[int, bool]:
    """Ask uv in one process for which sets there are versions that fit together.

    Each set has a project `choice` of its own: its newer version requires the set's root, its older
    one nothing. uv takes the older one exactly where the newer one cannot be installed.
    """
    for seed in seeds:
        source, target = _contents(seed)
        root = f"s{seed}-root 1.0"
        choice = {f"s{seed}-choice 1.0": (), f"s{seed}-choice 2.0": [f"s{seed}-root==1.0"]}
        _write_wheels(folder, {**target, **choice, root: source[root]})
    command = [shutil.which("uv") or "uv", "pip", "compile", "--quiet", "--offline", "--no-index"]
    command += ["--no-config", "--cache-dir", str(folder / "cache"), "--no-header", "--no-annotate"]
    command += ["--python", sys.executable, "--python-version", f"{PYTHON}.99"]
    command += ["--python-platform", "linux", "--find-links", str(folder), "-"]
    requirements = "".join(f"s{seed}-choice\n" for seed in seeds)
    output = subprocess.run(
        command, input=requirements, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    return {seed: f"s{seed}-choice==2.0\n" in output for seed in seeds}


def _is_open(seed: int) -> bool:
    source, target = _contents(seed)
    packages = PrivatePackages(MemoryIndex("qa", target), MemoryIndex("dev", source))
    root = describe_version(f"s{seed}-root", "1.0", *source[f"s{seed}-root 1.0"])
    verdict = packages.answer(lambda target, source: decide([root], target, source))
    return verdict.obstacle is None


def test_the_gate_opens_exactly_where_uv_finds_versions(tmp_path: Path) -> None:
    uv_answers: dict[int, bool] = {}
    for start in range(0, SETS, BATCH):
        folder = tmp_path / str(start)
        folder.mkdir()
        uv_answers |= _ask_uv(folder, range(start, min(start + BATCH, SETS)))
    answers = {seed: _is_open(seed) for seed in range(SETS)}
    assert [seed for seed in range(SETS) if answers[seed] != uv_answers[seed]] == []
    assert SETS / 5 < sum(answers.values()) < SETS * 4 / 5, "both answers are tried"
