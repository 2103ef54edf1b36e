"""The phase that runs other people's code refuses a job that holds anything for it to take."""

import io
import os
from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.release.version_phase import report_version
from dist_actions.services.runner import Runner
from support.stages.runner_model import parse_file_commands

OUTPUTS, SUMMARY, PYPROJECT = "output", "summary", "pyproject.toml"
DECLARED = '[project]\nname = "p"\nversion = "3.2rc1"\n'
COMPUTED = '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
BACKEND = """\
import os, pathlib

def build_wheel(*_):
    raise NotImplementedError

def prepare_metadata_for_build_wheel(folder, _=None):
    print("asked with", os.environ["ASKED_WITH"])
    info = pathlib.Path(folder, "p-4.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: p\\nVersion: 4.0\\n")
    return info.name
"""


def report(folder: Path, environ: dict[str, str], **inputs: str) -> str:
    """Run the phase in a checkout, and return its log."""
    log = io.StringIO()
    runner = Runner(log, output_file=folder / OUTPUTS, summary_file=folder / SUMMARY)
    variables = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    read = ReleaseInputs.from_environ({"INPUT_PHASE": "version", **variables})
    report_version(read, folder, environ, runner)
    return log.getvalue()


@pytest.mark.parametrize(
    ("environ", "credentials"),
    [
        ({"INPUT_PRIVATE-KEY": "x"}, "the input private-key"),
        ({"INPUT_TOKEN": "x"}, "the input token"),
        ({"INPUT_CREDENTIALS_JSON": "{}"}, "the input credentials-json"),
        ({"INPUT_PASSWORD": "x"}, "the input password"),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x"}, "the permission id-token: write"),
        (
            {"INPUT_TOKEN": "x", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x"},
            "the input token and the permission id-token: write",
        ),
    ],
)
def test_a_job_with_a_credential_is_refused(
    tmp_path: Path, environ: dict[str, str], credentials: str
) -> None:
    (tmp_path / PYPROJECT).write_text(DECLARED)
    with pytest.raises(InputError) as refused:
        report(tmp_path, environ)
    assert refused.value.what == f"The phase version got {credentials}."
    assert not (tmp_path / OUTPUTS).exists()


@pytest.mark.parametrize(
    ("files", "inputs", "version", "place"),
    [
        ({PYPROJECT: DECLARED}, {}, "3.2rc1", "pyproject.toml:3"),
        (
            {f"a/{PYPROJECT}": DECLARED, "a/v.txt": "x\nthis is 3.2rc1"},
            {"package_path": "a", "version_file": "v.txt", "version_pattern": "this is (.+)"},
            "3.2rc1",
            "a/v.txt:2",
        ),
        ({PYPROJECT: COMPUTED, "b.py": BACKEND}, {}, "4.0", "pyproject.toml"),
    ],
    ids=["declared", "found by a pattern", "computed"],
)
def test_a_job_without_one_is_told_the_version(
    tmp_path: Path, files: dict[str, str], inputs: dict[str, str], version: str, place: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    environ = {"PATH": os.environ["PATH"], "ASKED_WITH": "a variable", "INPUT_TOKEN": " "}
    log = report(tmp_path, {**environ, "ACTIONS_ID_TOKEN_REQUEST_URL": ""}, **inputs)
    assert parse_file_commands((tmp_path / OUTPUTS).read_text()) == {"version": version}
    assert (tmp_path / SUMMARY).read_text() == (
        f"### 🔢 version: `{version}`\n\nRead from `{place}`.\n\n"
    )
    assert ("| asked with a variable" in log) is ("b.py" in files)
