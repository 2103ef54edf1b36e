"""A rehearsal reads the project's tags by the project's own settings."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.pipeline.settings import read_settings
from dist_sandbox.organisation import default_environments
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.stages import distinct_name, stage_name
from dist_sandbox.rehearse.workflows.files import read_workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent
from support.act.builders import SHA, make_event, with_trigger
from support.paths import EXAMPLES

MONOREPO = EXAMPLES / "monorepo"


def make_tags(folder: Path, text: str = "", name: str = "shop") -> ProjectTags:
    """The reader of a project with these settings."""
    (folder / ".github").mkdir(parents=True, exist_ok=True)
    (folder / ".github" / "dist-actions.toml").write_text(text, encoding="utf-8")
    return ProjectTags.of(read_settings(folder, "."), name)


def read(tags: ProjectTags, tag: str) -> tuple[str, str, str] | None:
    found = tags.read(tag)
    return found and (found.package, str(found.version or ""), found.environment.name)


@pytest.mark.parametrize(
    ("settings", "tag", "expected"),
    [
        ("", "v1.0.0", ("", "1.0.0", "prd")),
        ("", "v1.0.0-qa", ("", "1.0.0", "qa")),
        ('tag-format = "{name}-{version}{suffix}"', "shop-1.0.0-dev", ("", "1.0.0", "dev")),
        ("", "release-1.0.0-dev", ("", "", "dev")),
        ('[environments]\nlive = {suffix = "-live"}', "other", None),
    ],
    ids=["production", "qa", "other form", "form given by a workflow", "no suffix fits"],
)
def test_one_package(
    tmp_path: Path, settings: str, tag: str, expected: tuple[str, str, str] | None
) -> None:
    assert read(make_tags(tmp_path, settings), tag) == expected


def test_a_project_whose_name_is_in_no_file_is_told_by_suffixes(tmp_path: Path) -> None:
    tags = make_tags(tmp_path, 'tag-format = "{name}-{version}{suffix}"', name="")
    assert read(tags, "mylib-1.0.0-qa") == ("", "", "qa")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("shop-core-v1.0.0-dev", ("shop-core", "1.0.0", "dev")),
        ("shop-api-v2.0.0", ("shop-api", "2.0.0", "prd")),
        ("v1.0.0", None),
        ("shop-web-v1.0.0", None),
    ],
)
def test_several_packages(tag: str, expected: tuple[str, str, str] | None) -> None:
    tags = ProjectTags.of(read_settings(MONOREPO, "."), "")
    assert read(tags, tag) == expected
    assert tags.package_names == ("shop-core", "shop-api")


def test_versions_of_an_environment() -> None:
    tags = ProjectTags.of(read_settings(MONOREPO, "."), "")
    written = ["shop-core-v1.0.0-dev", "shop-core-v1.1.0-dev", "shop-api-v1.0.0-qa", "other"]
    dev = tags.environments.stages[0]
    assert tags.versions(written, dev) == {("shop-core", "1.0.0"), ("shop-core", "1.1.0")}


@pytest.mark.parametrize(
    ("settings", "accepted", "refused"),
    [
        ("", ["v1.0.0-dev", "v1!2.0rc1-dev"], ["v1.0.0", "v1.0.0-qa", "shop-v1.0.0-dev", "v-dev"]),
        (
            '[packages.shop-core]\npath = "core"\n[packages.a]\npath = "a"\n',
            ["shop-core-v1.0.0-dev", "a-v2.0-dev"],
            ["v1.0.0-dev", "b-v2.0-dev", "shop-core-v1.0.0-qa", "x-a-v2.0-dev"],
        ),
        ('tag-format = "rel_{version:_}{suffix}"', ["rel_2_0_52-dev"], ["rel_2_0_52", "v2-dev"]),
        ('tag-format = "a.b{version}{suffix}"', ["a.b1.0-dev"], ["axb1.0-dev"]),
    ],
    ids=["default", "packages", "underscores", "dots"],
)
def test_the_pattern_of_an_environment_fits_its_tags_alone(
    tmp_path: Path, settings: str, accepted: list[str], refused: list[str]
) -> None:
    tags = make_tags(tmp_path, settings)
    (simulated,) = [one for one in default_environments() if one.name == "dev"]
    patterns = tags.patterns(tags.environments.stages[0])
    pattern = re.compile(replace(simulated, tag_patterns=patterns).ref_pattern)
    assert [tag for tag in accepted if not pattern.match(f"refs/tags/{tag}")] == []
    assert [tag for tag in refused if pattern.match(f"refs/tags/{tag}")] == []


USES = "jobs: {{a: {{runs-on: x, steps: [{{uses: eigenoid/dist-actions/{}@v1}}]}}}}"


@pytest.mark.parametrize(
    ("action", "ref", "expected"),
    [
        ("auto-tag", "refs/heads/dev", "w dev"),
        ("release", "refs/tags/shop-core-v1.0.0-dev", "w shop-core dev"),
        ("promote", "refs/tags/shop-core-v1.0.0-dev", "w shop-core qa"),
        ("promote", "refs/heads/dev", "w qa"),
        ("promote", "refs/tags/shop-api-v1.0.0", "w shop-api from prd"),
        ("release", "refs/tags/other", "w refs/tags/other"),
        ("auto-tag", "refs/pull/7/merge", "w #7"),
    ],
)
def test_a_stage_names_package_and_environment(action: str, ref: str, expected: str) -> None:
    tags = ProjectTags.of(read_settings(MONOREPO, "."), "")
    workflow = read_workflow(".github/workflows/w.yml", f"on: push\n{USES.format(action)}")
    assert stage_name(workflow, make_event("push", ref), tags) == expected


def test_a_workflow_that_releases_and_promotes_is_named_after_its_own_environment() -> None:
    text = (MONOREPO.parent / "poetry/.github/workflows/release.yml").read_text(encoding="utf-8")
    workflow = read_workflow(".github/workflows/release.yml", text)
    tags = ProjectTags.of(read_settings(MONOREPO, "."), "")
    event = TriggerEvent("release", "refs/tags/shop-core-v1.0.0-qa", SHA, "developer")
    assert stage_name(workflow, event, tags) == "release shop-core qa"
    assert stage_name(with_trigger("push"), event, tags) == "w shop-core qa"


def test_runs_of_one_name_are_told_apart() -> None:
    names: list[str] = []
    for event in ("push", "release", "release", "workflow_run"):
        names.append(distinct_name("w v1", make_event(event), names))
    assert names == ["w v1", "w v1 (release)", "w v1 (2)", "w v1 (workflow run)"]
