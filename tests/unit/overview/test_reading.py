"""What stands where, from the list of releases and the manifests in them."""

from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_actions.overview.reading import MANIFESTS, read_environment_statuses
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.releases import RECENT, Asset, GitHubRelease

FORM = TagFormat("v{version}{suffix}", "", DEFAULT_ENVIRONMENTS.suffixes)


@dataclass
class FakeReleases:
    """Holds manifests that nobody can read."""

    downloads: list[int] = field(default_factory=list)

    def download_asset(self, asset: Asset, folder: Path) -> Path:
        self.downloads.append(asset.id)
        path = folder / asset.name
        path.write_text("{}")
        return path


def release(tag: str, number: int = 1, *, draft: bool = False) -> GitHubRelease:
    assets = (
        Asset(number, MANIFEST_NAME, uploaded=True, sha256=""),
        Asset(1000 + number, "a-1.tar.gz", uploaded=True, sha256="2b" * 32),
        Asset(2000 + number, "a-1-py3-none-any.whl", uploaded=False, sha256=""),
        Asset(3000 + number, "notes.txt", uploaded=True, sha256="3c" * 32),
    )
    return GitHubRelease(number, tag, draft, "", "", assets)


def read(listed: list[GitHubRelease], tags: dict[str, str], forms: dict[str, TagFormat]):
    releases = FakeReleases()
    found = read_environment_statuses(releases, listed, DEFAULT_ENVIRONMENTS, forms, tags=tags)
    return found, releases.downloads


def test_the_newest_published_version_counts() -> None:
    listed = [
        release("v1.9.0-dev", 1),
        release("v1.10.0-dev", 2),
        release("v2.0-dev", 3, draft=True),
    ]
    (dev, qa, _), downloads = read(
        [*listed, release("other", 4)], {"v1.10.0-dev": "c" * 40}, {"": FORM}
    )
    assert (dev.version, dev.commit_sha, dev.tree_sha) == (Version("1.10.0"), "c" * 40, "")
    assert [file.name for file in dev.files] == ["a-1.tar.gz"]
    assert qa.tag == ""
    assert downloads == [2]


def test_what_is_older_than_the_list_is_told_by_its_tag() -> None:
    listed = [release(f"v1.{number}-dev", number) for number in range(RECENT)]
    tags = {"v0.1": "a" * 40, "v0.2": "b" * 40, "v9.9-dev": "c" * 40}
    (dev, _, prd), _ = read(listed, tags, {"": FORM})
    assert dev.version == Version(f"1.{RECENT - 1}")
    assert (prd.tag, prd.commit_sha, prd.files) == ("v0.2", "b" * 40, ())
    (_, _, prd), _ = read(listed[1:], tags, {"": FORM})
    assert prd.tag == "", "with a shorter list, a tag without a release is not released"


def test_not_every_manifest_of_many_packages_is_read() -> None:
    names = [f"p{number}" for number in range(MANIFESTS + 5)]
    forms = {
        name: TagFormat("{name}-v{version}{suffix}", name, DEFAULT_ENVIRONMENTS.suffixes)
        for name in names
    }
    listed = [release(f"{name}-v1.0-dev", number) for number, name in enumerate(names)]
    found, downloads = read(listed, {}, forms)
    assert len(downloads) == MANIFESTS
    assert len(found) == 3 * len(names)
    assert sum(bool(one.files) for one in found) == len(names)
