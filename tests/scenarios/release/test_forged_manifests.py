"""A hostile build writes its own manifest and its own digest: the run decides what is published."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.distributions.builders import write_release, write_sdist, write_wheel
from support.projects.releases import TaggedProject
from support.publishing.forging import assert_stopped, forge, publish_forged
from support.sandbox.fixtures import commit_file, git

PRODUCTION = {
    "tag": "v1.0.1",
    "environment": "prd",
    "github-environment": "prd",
    "suffix": "",
    "prerelease": False,
    "production": True,
}


def empty(project: TaggedProject) -> None:
    for path in project.dist.iterdir():
        if path.name != MANIFEST_NAME:
            path.unlink()


def test_another_project_is_not_published(tagged: TaggedProject) -> None:
    empty(tagged)
    write_wheel(tagged.dist, "99.0.0", project="other-team-lib")
    write_sdist(tagged.dist, "99.0.0", project="other-team-lib")
    result = publish_forged(tagged, {"name": "other-team-lib", "version": "99.0.0"})
    assert_stopped(
        result,
        'name is "other-team-lib", not "eigenoid-sample"',
        'version is "99.0.0", not "0.1.0"',
    )
    assert tagged.indexed() == {}
    assert tagged.sandbox.repository.releases == []


@pytest.fixture
def dev(tag_project: Callable[..., TaggedProject]) -> TaggedProject:
    """Version 1.0.1 in dev."""
    return tag_project("1.0.1", "dev")


@pytest.fixture
def production(dev: TaggedProject, tag_project: Callable[..., TaggedProject]) -> TaggedProject:
    """The same commit, tagged for production, whose run waits for its review."""
    return tag_project("1.0.1", "prd")


def test_a_dev_run_does_not_make_productions_release(
    dev: TaggedProject, production: TaggedProject
) -> None:
    dev.build("hostile")
    result = publish_forged(dev, PRODUCTION)
    honest = production.publish({"artifacts": "build"})
    assert production.indexed() == production.built(), "production has the files of dev's build"
    assert set(production.built().values()).isdisjoint(dev.built().values())
    assert honest.exit_status == 0, honest.log
    assert_stopped(
        result,
        'tag is "v1.0.1", not "v1.0.1-dev"',
        "production is true, not false",
        'github-environment is "prd", not "dev"',
    )
    assert [one.author.login for one in production.releases()] == ["releaser-bot[bot]"]
    assert dev.releases() == []


def test_a_dev_run_does_not_carry_hostile_files_to_production(
    dev: TaggedProject, production: TaggedProject
) -> None:
    dev.build("hostile")
    honest = json.loads((dev.dist / MANIFEST_NAME).read_text())
    carried = {
        "environment": "dev",
        "tag": "v1.0.1-dev",
        "commit": honest["commit"],
        "tree": honest["tree"],
        "manifest-sha256": "a" * 64,
    }
    result = publish_forged(dev, {**PRODUCTION, "carried-from": carried})
    assert production.releases() == [], "the releaser bot made production's release"
    assert_stopped(result, "carried-from", 'tag is "v1.0.1", not "v1.0.1-dev"')


def add_file(project: TaggedProject) -> dict[str, Any]:
    write_wheel(project.dist, "0.1.0", project="other-team-lib")
    return {}


def file_of_another_version(project: TaggedProject) -> dict[str, Any]:
    write_wheel(project.dist, "0.2.0")
    return {}


def all_of_another_version(project: TaggedProject) -> dict[str, Any]:
    empty(project)
    write_release(project.dist, "0.2.0")
    return {"version": "0.2.0"}


def of_another_project_inside(project: TaggedProject) -> dict[str, Any]:
    """Files of the right name whose metadata name another project."""
    empty(project)
    path = write_wheel(project.dist, "0.1.0", project="other-team-lib")
    path.rename(project.dist / "eigenoid_sample-0.1.0-py3-none-any.whl")
    return {}


def foreign_commit(project: TaggedProject) -> dict[str, Any]:
    return {"commit": project.sandbox.branch_sha("main")}


def carried_from_nowhere(project: TaggedProject) -> dict[str, Any]:
    source = {"environment": "qa", "tag": "v9.9.9-qa", "commit": "a" * 40, "tree": "b" * 40}
    return {"carried-from": {**source, "manifest-sha256": "c" * 64}}


def other_normal_form(project: TaggedProject) -> dict[str, Any]:
    empty(project)
    write_wheel(project.dist, "0.1.0", project="other-team-lib")
    return {"name": "Other_Team.Lib"}


def same_name_written_otherwise(project: TaggedProject) -> dict[str, Any]:
    return {"name": "Eigenoid_Sample"}


def one_field(key: str, value: Any) -> Callable[[TaggedProject], dict[str, Any]]:
    return lambda project: {key: value}


NEIGHBOURS = {
    "other normal form": (other_normal_form, "dist-manifest.json is not written as"),
    "same name written otherwise": (same_name_written_otherwise, "is not written as"),
    "an added file": (add_file, "is other-team-lib 0.1.0, not eigenoid-sample 0.1.0"),
    "a file of another version": (file_of_another_version, "is eigenoid-sample 0.2.0, not"),
    "all of another version": (all_of_another_version, 'version is "0.2.0", not "0.1.0"'),
    "another project inside": (of_another_project_inside, "eigenoid_sample-0.1.0-py3-none"),
    "production's flag": (one_field("production", True), "production is true, not false"),
    "production's flag as a text": (one_field("production", "true"), "is not written as"),
    "not a pre-release": (one_field("prerelease", False), "prerelease is false, not true"),
    "a foreign commit": (foreign_commit, "commit is "),
    "another tree": (one_field("tree", "a" * 40), "tree is "),
    "carried from nowhere": (carried_from_nowhere, 'carried-from.tag is "v9.9.9-qa", not absent'),
    "the environment of production": (one_field("environment", "prd"), 'is "prd", not "dev"'),
    "another suffix": (one_field("suffix", ""), 'suffix is "", not "-dev"'),
    "other suffixes": (one_field("suffixes", ["-dev"]), 'suffixes[1] is absent, not "-qa"'),
    "another tag-format": (one_field("tag-format", "{version}{suffix}"), "tag-format is "),
    "another time": (one_field("source-date-epoch", 1), "source-date-epoch is 1, not 1"),
    "another first build": (
        one_field("built", {"environment": "dev", "tag": "v0.0.9-dev", "commit": "a" * 40}),
        'built.tag is "v0.0.9-dev", not "v0.1.0-dev"',
    ),
    "no first build": (one_field("built", None), "built is null, not absent"),
    "another reason": (one_field("reason", "it is <b>fine</b>"), "reason is "),
    "a package of several": (one_field("package-path", "packages/core"), "package-path is "),
    "not leading": (one_field("leading", False), "leading is false, not true"),
    "a package's tree": (one_field("package-tree", "a" * 40), "package-tree is "),
    "a Python that is none": (one_field("python", "3.13`@all"), "which is no version"),
    "an unknown key": (one_field("surprise", 1), "is not written as"),
    "notes that are no text": (one_field("notes", {"a": 1}), "is not written as"),
}


@pytest.mark.parametrize("name", list(NEIGHBOURS))
def test_what_the_run_does_not_say_is_refused(tagged: TaggedProject, name: str) -> None:
    change, text = NEIGHBOURS[name]
    result = publish_forged(tagged, change(tagged))
    assert_stopped(result, text)
    assert tagged.indexed() == {}
    assert tagged.releases() == []


def test_every_field_that_differs_is_named_in_one_annotation(tagged: TaggedProject) -> None:
    result = publish_forged(tagged, {**PRODUCTION, "commit": "e" * 40})
    assert_stopped(result, *(f"{key} is " for key in (*PRODUCTION, "commit")))


def test_notes_are_the_builds_own_word(tagged: TaggedProject) -> None:
    result = publish_forged(tagged, {"notes": "- Louder", "normalised": True, "python": "3.14.1"})
    assert result.exit_status == 0, result.log
    assert "- Louder" in (tagged.release().body or "")


def test_a_key_twice_in_the_manifest_is_refused(tagged: TaggedProject) -> None:
    """Others read the first of two; we would read the last."""
    path = tagged.dist / MANIFEST_NAME
    path.write_text(path.read_text().replace("{", '{\n  "name": "other-team-lib",', 1))
    tagged.manifest_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert_stopped(tagged.publish(), "is not written as dist-actions writes it")


def test_a_run_that_began_before_its_tag_moved_publishes_nothing(
    tagged: TaggedProject, checkout: Any
) -> None:
    other = commit_file(checkout, "later.txt", "later")
    git("push", "-q", "origin", "dev", cwd=checkout)
    tagged.move_tag(other)
    assert_stopped(tagged.publish(), f"is on {other[:7]}, but this run is for")


def test_a_job_in_another_environment_publishes_nothing(tagged: TaggedProject) -> None:
    """A forged output of the plan put the job into production's environment."""
    result = tagged.publish(environment="prd")
    assert_stopped(result, "runs in the GitHub Environment 'prd', but its tag belongs to 'dev'")
    assert forge(tagged.dist, {}) == tagged.manifest_sha256
