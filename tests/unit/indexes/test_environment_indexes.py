"""Which index an environment has, and who reads it."""

import pytest

from dist_actions.errors import InputError
from dist_actions.identity.google import Federation
from dist_actions.indexes.environment_indexes import IndexReaders, read_index_readers
from dist_actions.indexes.targets import ArtifactRegistryTarget, RepositoryTarget
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader

PROVIDER = "projects/1/locations/global/workloadIdentityPools/github/providers/readers"
QA_PROVIDER = PROVIDER.replace("projects/1/", "projects/2/")
ACCOUNT = "eigenoid-reader@eigenoid-dev.iam.gserviceaccount.com"
REGISTRY = "https://us-central1-python.pkg.dev"
PRIVATE = "https://packages.example.com/simple/"


def read(**inputs: str) -> IndexReaders:
    """Read inputs, with `_` for `-`."""
    reader = InputReader({f"INPUT_{name.upper()}": text for name, text in inputs.items()})
    readers = read_index_readers(reader, GoogleEndpoints())
    reader.finish()
    return readers


def test_without_indexes_no_environment_has_one() -> None:
    readers = read(workload_identity_provider=PROVIDER, service_account=ACCOUNT)
    assert readers.of("dev") is None
    assert not readers


@pytest.mark.parametrize("end", ["", "/", "/simple", "/simple/"])
def test_an_address_of_artifact_registry_is_read_by_federation(end: str) -> None:
    readers = read(
        indexes=f"dev = {REGISTRY}/eigenoid-dev/eigenoid-all{end}",
        workload_identity_provider=f"//iam.googleapis.com/{PROVIDER}",
        service_account=ACCOUNT,
    )
    assert readers.of("dev") == ArtifactRegistryTarget(
        Federation(PROVIDER, ACCOUNT), "eigenoid-dev", "us-central1", "eigenoid-all"
    )
    assert readers.of("qa") is None
    assert readers.environments == ("dev",)


def test_each_environment_may_have_a_provider_of_its_own() -> None:
    readers = read(
        indexes=f"dev = {REGISTRY}/eigenoid-dev/all/simple/\n"
        f"qa = {REGISTRY}/eigenoid-qa/all/simple/",
        workload_identity_provider=f"{PROVIDER}\nqa = {QA_PROVIDER}",
    )
    dev, qa = readers.of("dev"), readers.of("qa")
    assert isinstance(dev, ArtifactRegistryTarget)
    assert isinstance(qa, ArtifactRegistryTarget)
    assert (dev.identity, qa.identity) == (Federation(PROVIDER, ""), Federation(QA_PROVIDER, ""))


@pytest.mark.parametrize("name", ["workload_identity_provider", "service_account"])
def test_without_an_identity_of_its_own_an_environment_has_no_index(name: str) -> None:
    inputs = {"workload_identity_provider": PROVIDER, "service_account": ACCOUNT}
    inputs[name] = f"dev = {inputs[name]}"
    readers = read(indexes=f"{REGISTRY}/eigenoid-dev/all/simple/", **inputs)
    assert readers.of("dev") is not None
    assert readers.of("qa") is None


def test_another_address_is_read_with_user_and_password_or_by_anybody() -> None:
    readers = read(
        indexes=f"{PRIVATE}\nqa = https://qa.example.com/simple",
        username="us",
        password="dev = pw=\nqa = other=",
    )
    dev, qa = readers.of("dev"), readers.of("qa")
    assert isinstance(dev, RepositoryTarget)
    assert isinstance(qa, RepositoryTarget)
    assert (dev.index_url, dev.login.username, dev.login.secret.reveal()) == (PRIVATE, "us", "pw=")
    assert (qa.index_url, qa.login.secret.reveal()) == ("https://qa.example.com/simple/", "other=")
    public = read(indexes=PRIVATE).of("production")
    assert isinstance(public, RepositoryTarget)
    assert not public.login.secret


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("indexes", {"indexes": "dev = http://packages.example.com/simple/"}),
        ("indexes", {"indexes": "packages.example.com"}),
        ("indexes", {"indexes": "https://us:c4n4ry@packages.example.com/simple/"}),
        ("indexes", {"indexes": "https://us-central1-docker.pkg.dev/eigenoid-dev/images/"}),
        ("workload-identity-provider", {"indexes": f"{REGISTRY}/eigenoid-dev/all/simple/"}),
        (
            "service-account",
            {
                "indexes": f"{REGISTRY}/eigenoid-dev/all/simple/",
                "workload_identity_provider": PROVIDER,
                "service_account": "c4n4ry",
            },
        ),
        ("username", {"indexes": PRIVATE, "password": "c4n4ry"}),
        ("password", {"indexes": PRIVATE, "username": "us"}),
        (
            "password",
            {
                "indexes": f"dev = {PRIVATE}\nqa = https://qa.example.com/simple/",
                "username": "us",
                "password": "c4n4ry",
            },
        ),
        (
            "password",
            {
                "indexes": f"{REGISTRY}/eigenoid-dev/all/simple/",
                "workload_identity_provider": PROVIDER,
                "username": "us",
                "password": "c4n4ry",
            },
        ),
    ],
)
def test_what_would_send_a_credential_to_the_wrong_place_is_refused(
    name: str, inputs: dict[str, str]
) -> None:
    with pytest.raises(InputError, match=f"Input {name} ") as raised:
        read(**inputs)
    if name != "service-account":  # which is no secret, and is shown
        assert "c4n4ry" not in str(raised.value)


def test_no_password_is_shown() -> None:
    readers = read(indexes=PRIVATE, username="us", password="c4n4ry")
    assert "c4n4ry" not in repr(readers)
