"""Attestations: signed by the sandbox's Sigstore, verified by the client that PyPI uses."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import pytest
import requests
from pypi_attestations import Attestation, Distribution, GitHubPublisher, VerificationError
from sigstore.models import ClientTrustConfig
from sigstore.verify import Verifier

from dist_actions.errors import (
    IdentityError,
    InputError,
    NetworkError,
    ServiceUnavailableError,
    UploadError,
)
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import PyPIEndpoints
from dist_actions.services.clock import SystemClock
from dist_actions.services.http import HttpClient
from dist_actions.services.index.client import Uploads
from dist_actions.services.index.trusted_publishing import mint_upload_token
from dist_actions.services.login import Login
from dist_actions.services.oidc import request_id_token
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.services.sigstore.attestations import AUDIENCE, TRUST_CONFIG_VARIABLE, attest
from support.distributions.builders import write_release, write_wheel
from support.projects.releases import PUBLISHING
from support.sandbox.fixtures import Sandbox

CERTIFICATE, ENTRY = "/api/v2/signingCert", "/sigstore/rekor/api/v1/log/entries"
PUBLISHER = {"repository": "eigenoid/eigenoid-sample", "workflow": "release.yml"}


@dataclass
class PatientClock:
    """The machine's time, but nobody waits."""

    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Job:
    """A job of the release workflow that attests what lies in `dist`."""

    sandbox: Sandbox
    dist: Path
    trust_config: Path
    clock: PatientClock = field(default_factory=PatientClock)

    def id_token(self, audience: str = AUDIENCE) -> Secret:
        job = self.sandbox.job(PUBLISHING, ref="refs/tags/v0.1.0")
        environ = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": job["oidc_request_url"],
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": job["oidc_request_token"],
        }
        http = HttpClient(Retries(SystemClock(), print))
        return request_id_token(environ, audience, http, Runner(io.StringIO()))

    def attest(
        self, id_token: Secret | None = None, trust_config: str = "", **options: float
    ) -> Mapping[str, str]:
        return attest(
            sorted(self.dist.iterdir()),
            id_token or self.id_token(),
            {TRUST_CONFIG_VARIABLE: trust_config or str(self.trust_config)},
            Retries(self.clock, lambda _: None),
            **options,
        )

    def fault(self, path: str, **described: object) -> None:
        self.sandbox.control("POST", "faults", {"path": path, **described})

    def asked(self, path: str) -> int:
        return sum(one.path == path for one in self.sandbox.world.requests.since())


@pytest.fixture
def job(sandbox: Sandbox, tmp_path: Path) -> Job:
    write_release(tmp_path / "dist")
    answer = requests.get(sandbox.world.addresses.sigstore_trust_config, timeout=10)
    (tmp_path / "trust-config.json").write_text(answer.text, encoding="utf-8")
    return Job(sandbox, tmp_path / "dist", tmp_path / "trust-config.json")


@pytest.fixture
def trusted(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verifiers trust the sandbox's Sigstore in place of the public one."""
    root = ClientTrustConfig.from_json(job.trust_config.read_text(encoding="utf-8")).trusted_root
    monkeypatch.setattr(Verifier, "production", lambda **_: Verifier(trusted_root=root))


@pytest.mark.usefixtures("trusted")
def test_what_is_attested_verifies_as_published_by_this_workflow(job: Job) -> None:
    attestations = job.attest()

    assert set(attestations) == {path.name for path in job.dist.iterdir()}
    for name, text in attestations.items():
        attestation = Attestation.model_validate_json(text)
        kind, _ = attestation.verify(
            GitHubPublisher(**PUBLISHER), Distribution.from_file(job.dist / name)
        )
        assert kind.endswith("/attestations/publish/v1")
    assert job.asked(CERTIFICATE) == 1, "one certificate for all files"
    assert job.asked(ENTRY) == 2


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("changed", ["repository", "workflow", "bytes"])
def test_nothing_else_verifies(job: Job, tmp_path: Path, changed: str) -> None:
    wheel = next(job.dist.glob("*.whl"))
    attestation = Attestation.model_validate_json(job.attest()[wheel.name])
    publisher = GitHubPublisher(
        **{**PUBLISHER, changed: "x/y"} if changed != "bytes" else PUBLISHER
    )
    if changed == "bytes":
        wheel = write_wheel(tmp_path / "other", content="# other")
    with pytest.raises(VerificationError):
        attestation.verify(publisher, Distribution.from_file(wheel))


def test_without_files_nobody_is_asked(job: Job) -> None:
    for path in job.dist.iterdir():
        path.unlink()
    assert job.attest() == {}
    assert job.asked(CERTIFICATE) == 0


@pytest.mark.parametrize("path", [CERTIFICATE, ENTRY])
@pytest.mark.parametrize(
    "described",
    [{"status": 503}, {"status": 429}, {"status": 408}, {"status": 425}, {"connection": "reset"}],
)
def test_a_passing_failure_is_waited_for(job: Job, path: str, described: dict[str, object]) -> None:
    job.fault(path, **described)
    assert len(job.attest()) == 2
    assert job.clock.slept == [1.0]


@pytest.mark.parametrize("path", [CERTIFICATE, ENTRY])
def test_a_lasting_failure_says_that_a_rerun_is_safe(job: Job, path: str) -> None:
    job.fault(path, status=502, times=100)
    with pytest.raises(ServiceUnavailableError, match="HTTP 502"):
        job.attest()
    assert sum(job.clock.slept) >= 60


@pytest.mark.parametrize("path", [CERTIFICATE, ENTRY])
def test_a_proxy_that_wants_a_password_is_told(job: Job, path: str) -> None:
    job.fault(path, status=407)
    with pytest.raises(NetworkError, match="wants a password"):
        job.attest()
    assert job.clock.slept == []


def test_an_identity_that_sigstore_does_not_accept_is_told_with_its_claims(job: Job) -> None:
    job.fault(CERTIFICATE, status=403, body=json.dumps({"code": 7, "message": "not allowed"}))
    with pytest.raises(IdentityError, match="HTTP 403: not allowed") as raised:
        job.attest()
    assert f"repository={PUBLISHER['repository']}" in str(raised.value)
    assert "Nothing was uploaded" in raised.value.fix
    assert "ey" + "J" not in str(raised.value), "no token is shown"


def test_a_token_for_somebody_else_is_refused(job: Job) -> None:
    with pytest.raises(UploadError, match="token is malformed"):
        job.attest(job.id_token("pypi"))
    assert job.asked(CERTIFICATE) == 0


def test_an_entry_that_the_log_refuses_is_told(job: Job) -> None:
    job.fault(ENTRY, status=400, body=json.dumps({"code": 400, "message": "no such kind"}))
    with pytest.raises(UploadError, match="HTTP 400: no such kind"):
        job.attest()


@pytest.mark.parametrize("body", ["", "<html>", "{}", "[]"])
@pytest.mark.parametrize("path", [CERTIFICATE, ENTRY])
def test_an_answer_that_is_none_is_told(job: Job, path: str, body: str) -> None:
    job.fault(path, status=200, body=body)
    with pytest.raises((UploadError, IdentityError)) as raised:
        job.attest()
    assert raised.value.anchor == "attestations"


@pytest.mark.usefixtures("trusted")
def test_another_sigstore_than_the_trusted_one_is_refused(job: Job, tmp_path: Path) -> None:
    """A certificate whose timestamp no trusted log signed."""
    config = json.loads(job.trust_config.read_text(encoding="utf-8"))
    (log,) = config["trustedRoot"]["ctlogs"]
    log["publicKey"]["rawBytes"] = config["trustedRoot"]["tlogs"][0]["publicKey"]["rawBytes"]
    job.trust_config.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(UploadError, match="SCT"):
        job.attest()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{}", id="nothing in it"),
        pytest.param("[1]", id="a list"),
        pytest.param(
            '{"signingConfig": {"caUrls": [{"url": "http://fulcio.example.com"}], '
            '"rekorTlogUrls": []}}',
            id="without encryption",
        ),
    ],
)
def test_an_unusable_trust_configuration_is_refused_before_a_token_leaves(
    job: Job, text: str
) -> None:
    job.trust_config.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=TRUST_CONFIG_VARIABLE):
        job.attest()
    assert job.asked(CERTIFICATE) == 0


def test_a_missing_trust_configuration_is_refused(job: Job, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no trust configuration"):
        job.attest(trust_config=str(tmp_path / "missing"))


def test_a_trust_configuration_can_have_an_address(job: Job) -> None:
    assert len(job.attest(trust_config=job.sandbox.world.addresses.sigstore_trust_config)) == 2


@pytest.mark.parametrize(
    "place", ["http://sigstore.example.com/x.json", "https://user:pw@sigstore.example.com/x.json"]
)
def test_an_address_that_could_be_altered_on_the_way_is_refused(job: Job, place: str) -> None:
    with pytest.raises(InputError, match="no trust configuration"):
        job.attest(trust_config=place)


def test_a_service_that_never_answers_is_given_up(job: Job) -> None:
    job.fault(CERTIFICATE, delay_seconds=2.0)
    with pytest.raises(ServiceUnavailableError, match="no answer within 0 s"):
        job.attest(call_seconds=0.3)


def test_a_file_that_is_no_distribution_is_told(job: Job) -> None:
    (job.dist / "notes.txt").write_bytes(b"")
    with pytest.raises(UploadError, match=r"notes\.txt cannot be attested"):
        job.attest()


def test_an_index_takes_the_attestation_from_the_workflow_that_may_publish(job: Job) -> None:
    """As PyPI does, the sandbox compares name and digest, and wants a Trusted Publisher."""
    addresses = job.sandbox.world.addresses
    endpoints = PyPIEndpoints.from_environ(addresses.service_variables, "pypi", addresses.pypi)
    registered = job.sandbox.job(PUBLISHING, ref="refs/tags/v0.1.0")
    environ = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": registered["oidc_request_url"],
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": registered["oidc_request_token"],
    }
    http = HttpClient(Retries(job.clock, lambda _: None))
    login = Login(
        "__token__",
        lambda: mint_upload_token(
            "PyPI", endpoints, environ, http, Runner(io.StringIO()), username="__token__"
        ),
        job.clock,
    )
    attestations = job.attest()
    with Uploads(endpoints.repository_url, login) as uploads:
        for path in sorted(job.dist.iterdir()):
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            answer = uploads.send(path, sha256, attestations[path.name])
            assert answer.status_code == 200, answer.text
    hosted = job.sandbox.world.pypi["pypi"].projects["eigenoid-sample"].files.values()
    assert [len(file.attestations) for file in hosted] == [1, 1]
