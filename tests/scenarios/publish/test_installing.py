"""What a run tells of installing, done with pip, uv and poetry: the release, and nothing else.

In each of them a public index holds 99.0.0 of the same name (threat T13).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.publish.installing import IndexKind, InstallSource, install_commands
from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM, Identity
from support.distributions.builders import PROJECT, write_wheel
from support.distributions.installers import (
    Instructions,
    User,
    add_with_poetry,
    add_with_uv,
    install_with_pip,
    install_with_uv,
    static_index,
    sync_with_uv,
    write_index,
)
from support.projects.releases import PUBLISHING, target_inputs
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageRunner

HELPER = "eigenoid-helper"
NEEDS_HELPER = {"Requires_Dist": HELPER}
Way = Callable[[User, Instructions], str]


@pytest.fixture
def public(tmp_path: Path) -> Iterator[str]:
    """The public index, where somebody registered our name."""
    write_index(tmp_path / "public", (PROJECT, "99.0.0", {}), (HELPER, "1.0.0", {}))
    with static_index(tmp_path / "public") as url:
        yield url


@dataclass(frozen=True)
class Published:
    """A release in Artifact Registry.

    Attributes:
        told: The job's summary.
        token: An access token of somebody who may read the index.
    """

    told: Instructions
    token: str


@pytest.fixture
def published(sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path) -> Published:
    """Version 1.2.0, published by the action itself."""
    dev = sandbox.world.environments[0]
    write_wheel(tmp_path / "job" / "dist", "1.2.0")
    result = run_stage(
        "publish",
        target_inputs(dev),
        workspace=tmp_path / "job",
        ref="refs/tags/v1.2.0-dev",
        sha=sandbox.branch_sha("dev"),
        permissions=PUBLISHING,
        environment="dev",
    )
    assert result.exit_status == 0, result.log
    token = sandbox.world.google.tokens.issue(
        Identity.of_service_account(dev.service_account),
        scopes=frozenset({CLOUD_PLATFORM}),
        expires_at=sandbox.world.clock.now() + timedelta(hours=1),
    )
    return Published(Instructions(result.summary), token.value)


def credentials(prefix: str, token: str) -> Mapping[str, str]:
    """The variables that uv and poetry read for the index `eigenoid-python`."""
    name = f"{prefix}_EIGENOID_PYTHON"
    return {f"{name}_USERNAME": "oauth2accesstoken", f"{name}_PASSWORD": token}


@pytest.mark.parametrize("way", [install_with_pip, install_with_uv])
def test_a_release_is_installed_as_the_summary_tells_with_a_token_in_netrc(
    published: Published, public: str, tmp_path: Path, way: Way
) -> None:
    user = User(tmp_path / "user", public)
    user.write_netrc("oauth2accesstoken", published.token)
    assert way(user, published.told) == "1.2.0"


def test_a_release_is_installed_into_a_uv_project_with_a_token_in_variables(
    published: Published, public: str, tmp_path: Path
) -> None:
    user = User(tmp_path / "user", public, credentials("UV_INDEX", published.token))
    assert sync_with_uv(user, published.told) == "1.2.0"


@pytest.mark.network
def test_a_release_is_installed_by_poetry_with_a_token_in_variables(
    published: Published, public: str, tmp_path: Path, poetry: str
) -> None:
    variables = credentials("POETRY_HTTP_BASIC", published.token)
    user = User(tmp_path / "user", public, variables, path=f"{poetry}:/usr/bin:/bin")
    assert add_with_poetry(user, published.told) == "1.2.0"


@pytest.fixture
def publish_to(
    sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> Callable[[str], Instructions]:
    """Publishes version 1.2.0 to an index by Trusted Publishing; what the summary tells."""

    def publish(index: str) -> Instructions:
        fields = NEEDS_HELPER if index == "testpypi" else {}
        write_wheel(tmp_path / "job" / "dist", "1.2.0", **fields)
        result = run_stage(
            "publish",
            {"index": index},
            workspace=tmp_path / "job",
            ref="refs/tags/v1.2.0",
            sha=sandbox.branch_sha("dev"),
            permissions=PUBLISHING,
        )
        assert result.exit_status == 0, result.log
        return Instructions(result.summary)

    return publish


@pytest.mark.parametrize("way", [install_with_pip, install_with_uv, sync_with_uv])
def test_a_release_in_testpypi_is_installed_as_the_summary_tells(
    publish_to: Callable[[str], Instructions], public: str, tmp_path: Path, way: Way
) -> None:
    assert way(User(tmp_path / "user", public), publish_to("testpypi")) == "1.2.0"


@pytest.mark.network
def test_a_release_in_testpypi_is_installed_by_poetry_as_the_summary_tells(
    publish_to: Callable[[str], Instructions], public: str, tmp_path: Path, poetry: str
) -> None:
    user = User(tmp_path / "user", public, path=f"{poetry}:/usr/bin:/bin")
    assert add_with_poetry(user, publish_to("testpypi")) == "1.2.0"


@pytest.mark.parametrize(
    "way",
    [
        install_with_pip,
        add_with_uv,
        pytest.param(add_with_poetry, marks=pytest.mark.network),
    ],
)
def test_a_release_in_pypi_needs_no_address(
    sandbox: Sandbox,
    publish_to: Callable[[str], Instructions],
    tmp_path: Path,
    way: Way,
    request: pytest.FixtureRequest,
) -> None:
    told = publish_to("pypi")
    assert "--index-url" not in told.text
    path = str(request.getfixturevalue("poetry")) if way is add_with_poetry else ""
    user = User(
        tmp_path / "user", f"{sandbox.world.addresses.pypi}/simple/", path=f"{path}:/usr/bin:/bin"
    )
    assert way(user, told) == "1.2.0"


def told_of(index_url: str, kind: IndexKind) -> Instructions:
    source = InstallSource("An index", index_url, kind)
    return Instructions(install_commands(canonicalize_name(PROJECT), Version("1.2.0"), [source]))


@pytest.mark.parametrize("way", [install_with_pip, install_with_uv, sync_with_uv])
def test_a_private_index_wins_over_a_higher_public_version(
    public: str, tmp_path: Path, way: Way
) -> None:
    write_index(tmp_path / "private", (PROJECT, "1.2.0", NEEDS_HELPER), (HELPER, "1.0.0", {}))
    with static_index(tmp_path / "private") as private:
        assert way(User(tmp_path / "user", public), told_of(private, "private")) == "1.2.0"


@pytest.mark.network
def test_a_private_index_wins_over_a_higher_public_version_in_poetry(
    public: str, tmp_path: Path, poetry: str
) -> None:
    write_index(tmp_path / "private", (PROJECT, "1.2.0", NEEDS_HELPER))
    user = User(tmp_path / "user", public, path=f"{poetry}:/usr/bin:/bin")
    with static_index(tmp_path / "private") as private:
        assert add_with_poetry(user, told_of(private, "private")) == "1.2.0"


@pytest.mark.parametrize("way", [install_with_pip, install_with_uv, sync_with_uv])
def test_testpypi_gives_this_project_and_none_of_its_dependencies(
    public: str, tmp_path: Path, way: Way
) -> None:
    write_index(tmp_path / "test", (PROJECT, "1.2.0", NEEDS_HELPER), (HELPER, "99.0.0", {}))
    user = User(tmp_path / "user", public)
    with static_index(tmp_path / "test") as testpypi:
        assert way(user, told_of(testpypi, "testpypi")) == "1.2.0"
    assert installed_helpers(user) == {"eigenoid_helper-1.0.0.dist-info"}


@pytest.mark.network
def test_testpypi_gives_poetry_this_project_and_none_of_its_dependencies(
    public: str, tmp_path: Path, poetry: str
) -> None:
    write_index(tmp_path / "test", (PROJECT, "1.2.0", NEEDS_HELPER), (HELPER, "99.0.0", {}))
    user = User(tmp_path / "user", public, path=f"{poetry}:/usr/bin:/bin")
    with static_index(tmp_path / "test") as testpypi:
        assert add_with_poetry(user, told_of(testpypi, "testpypi")) == "1.2.0"
    assert installed_helpers(user) == {"eigenoid_helper-1.0.0.dist-info"}


def installed_helpers(user: User) -> set[str]:
    return {path.name for path in user.folder.glob("**/site-packages/eigenoid_helper-*")}


def test_a_second_index_would_install_the_public_one(public: str, tmp_path: Path) -> None:
    """What the commands avoid does happen here, so the tests above can fail."""
    write_index(tmp_path / "private", (PROJECT, "1.2.0", {}))
    user = User(tmp_path / "user", public)
    user.make_environment()
    with static_index(tmp_path / "private") as private:
        user.run(f"pip install --index-url {private} --extra-index-url {public} {PROJECT}")
    assert user.installed(PROJECT) == "99.0.0"
