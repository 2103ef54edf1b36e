"""PyPI's own rules are asked for every file before the first byte, and for PyPI alone."""

from datetime import datetime, timezone

import pytest
from packaging.version import Version

from dist_actions.distributions.files import sha256_of
from dist_sandbox.pypi.projects import HostedFile, IndexProject
from support.distributions.builders import PROJECT
from support.publishing.job import PublishingJob, is_upload
from support.pypi.refused_uploads import NAME, SDIST, RefusedUpload
from support.sandbox.private_index import PrivateIndex

PLATFORMS = (
    "macosx_11_0_arm64",
    "manylinux_2_17_x86_64.manylinux2014_x86_64",
    "musllinux_1_2_x86_64",
    "win_amd64",
)
LICENSED = (("License-Expression", "MIT"), ("License-File", "LICENSE"))
PRIVATE = (("Classifier", "Private :: Do Not Upload"), ("Requires-Dist", "a @ https://a.example"))
BOTH = {"index": "artifact-registry\npypi"}


@pytest.mark.parametrize(
    ("sdist", "text"),
    [
        (
            RefusedUpload("", LICENSED, filename=SDIST),
            f"{SDIST}: License-File LICENSE does not exist in distribution file",
        ),
        (
            RefusedUpload("", filename="eigenoid-sample-0.1.0.tar.gz"),
            f"'eigenoid-sample-0.1.0.tar.gz' is invalid, should be '{SDIST}'",
        ),
        (
            RefusedUpload("", (("Classifier", "Topic :: Nothing"),), filename=SDIST),
            f"{SDIST}: 'Topic :: Nothing' is not a valid classifier",
        ),
    ],
)
@pytest.mark.parametrize("inputs", [{"index": "pypi"}, {"index": "testpypi"}, BOTH], ids=str)
def test_four_wheels_stay_at_home_with_an_sdist_that_pypi_refuses(
    publisher: PublishingJob, inputs: dict[str, str], sdist: RefusedUpload, text: str
) -> None:
    _replace(publisher, sdist, *_wheels())
    result = publisher(inputs)
    assert result.exit_status == 1
    assert text in result.annotation.message
    assert f"{'TestPyPI' if 'test' in inputs['index'] else 'PyPI'} would refuse" in result.log
    assert [request for request in result.requests if is_upload(request)] == []
    assert (publisher.on("pypi"), publisher.on("testpypi"), publisher.indexed()) == ({}, {}, {})


def test_other_indexes_take_what_only_pypi_refuses(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    linux = RefusedUpload("", PRIVATE, filename=f"{NAME}-0.1.0-cp313-cp313-linux_x86_64.whl")
    _replace(publisher, linux, RefusedUpload("", PRIVATE, filename="eigenoid-sample-0.1.0.tar.gz"))
    for inputs in ({}, private.inputs):
        result = publisher(inputs)
        assert result.exit_status == 0, result.log
        assert result.annotations == ()
    assert publisher.indexed() == publisher.at_hand()


def test_what_pypi_has_already_is_not_judged_again(publisher: PublishingJob) -> None:
    """Rules change: a rerun that has nothing to upload stays green."""
    _replace(publisher, RefusedUpload("", PRIVATE))
    _put_into_pypi(publisher)
    result = publisher({"index": "pypi"})
    assert result.exit_status == 0, result.log
    assert result.outputs["uploaded"] == "0"


def test_a_dry_run_tells_it_as_well(publisher: PublishingJob) -> None:
    _replace(publisher, RefusedUpload("", PRIVATE))
    result = publisher({"index": "pypi", "dry-run": "true"})
    assert result.exit_status == 1
    assert "Can't have direct dependency: a @ https://a.example" in result.annotation.message


def _wheels() -> list[RefusedUpload]:
    """Return four wheels that PyPI takes."""
    names = (f"{NAME}-0.1.0-cp313-cp313-{platform}.whl" for platform in PLATFORMS)
    return [RefusedUpload("", filename=name) for name in names]


def _replace(publisher: PublishingJob, *cases: RefusedUpload) -> None:
    """Leave these files in the folder, and no others."""
    for path in publisher.dist.iterdir():
        path.unlink()
    for case in cases:
        case.write(publisher.dist)


def _put_into_pypi(publisher: PublishingJob) -> None:
    """Let PyPI have the files, as if it had taken them under earlier rules."""
    index = publisher.sandbox.world.pypi["pypi"]
    project = IndexProject(PROJECT)
    for path in publisher.dist.iterdir():
        content = index.folder / "partial"
        content.write_bytes(path.read_bytes())
        file = HostedFile(
            filename=path.name,
            version=Version("0.1.0"),
            size_bytes=path.stat().st_size,
            sha256=sha256_of(path),
            blake2_256="",
            metadata_sha256="",
            requires_python="",
            uploaded_at=datetime.now(timezone.utc),
            attestations=(),
            publisher=None,
        )
        index.add_file(project, file, content, b"")
