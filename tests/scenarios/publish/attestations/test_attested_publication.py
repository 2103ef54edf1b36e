"""The publish action with `attestations: true`: signed before the first upload, or nothing sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from packaging.utils import canonicalize_name
from pypi_attestations import Attestation, Distribution, GitHubPublisher
from sigstore.models import ClientTrustConfig
from sigstore.verify import Verifier

from support.distributions.builders import PROJECT, write_release
from support.projects.releases import PUBLISHING
from support.publishing.job import PublishingJob
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageResult, StageRunner

CERTIFICATE = "/api/v2/signingCert"
ASKED = {"index": "pypi", "attestations": "true"}
Publish = Callable[..., StageResult]


@pytest.fixture
def job_dist(tmp_path: Path) -> Path:
    folder = tmp_path / "job" / "dist"
    write_release(folder)
    return folder


@pytest.fixture
def publish(sandbox: Sandbox, run_stage: StageRunner, job_dist: Path) -> Publish:
    def run(**inputs: str) -> StageResult:
        return run_stage(
            "publish",
            inputs,
            workspace=job_dist.parent,
            ref="refs/tags/v0.1.0-dev",
            sha=sandbox.branch_sha("dev"),
            permissions=PUBLISHING,
            environment="dev",
        )

    return run


def asked_of_sigstore(result: StageResult) -> list[str]:
    paths = [request.path for request in result.requests]
    return [path for path in paths if path == CERTIFICATE or path.startswith("/sigstore/")]


def test_what_is_published_carries_attestations_that_verify(
    sandbox: Sandbox, publish: Publish, job_dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = publish(**ASKED)

    assert result.exit_status == 0, result.log
    hosted = sandbox.world.pypi["pypi"].projects[canonicalize_name(PROJECT)].files
    assert set(hosted) == {path.name for path in job_dist.iterdir()}
    monkeypatch.setattr(Verifier, "production", lambda **_: sandbox_verifier(sandbox))
    publisher = GitHubPublisher(repository="eigenoid/eigenoid-sample", workflow="release.yml")
    for name, file in hosted.items():
        (attestation,) = file.attestations
        Attestation.model_validate(attestation).verify(
            publisher, Distribution.from_file(job_dist / name)
        )


def sandbox_verifier(sandbox: Sandbox) -> Verifier:
    answer = requests.get(sandbox.world.addresses.sigstore_trust_config, timeout=10)
    return Verifier(trusted_root=ClientTrustConfig.from_json(answer.text).trusted_root)


def test_a_rerun_signs_nothing(publish: Publish) -> None:
    assert publish(**ASKED).exit_status == 0
    again = publish(**ASKED)
    assert again.exit_status == 0
    assert asked_of_sigstore(again) == []
    assert again.changes == ()


@pytest.mark.parametrize("attestations", ["", "false"])
def test_nothing_is_signed_where_nobody_asks_for_it(publish: Publish, attestations: str) -> None:
    asked = {"attestations": attestations} if attestations else {}
    result = publish(index="pypi", **asked)
    assert result.exit_status == 0, result.log
    assert asked_of_sigstore(result) == []


def test_of_several_targets_pypi_alone_gets_attestations(publisher: PublishingJob) -> None:
    (publisher.dist / ".hidden").touch()
    asked = {"index": "artifact-registry\npypi", "attestations": "true"}

    assert publisher.run_here(asked) == 0, publisher.log
    assert "passed over in dist, not published: .hidden" in publisher.log
    assert "PyPI: 2 to upload, 0 there already" in publisher.log
    hosted = publisher.sandbox.world.pypi["pypi"].projects[canonicalize_name(PROJECT)].files
    names = publisher.indexed().keys()
    assert {name: len(file.attestations) for name, file in hosted.items()} == dict.fromkeys(
        names, 1
    )
