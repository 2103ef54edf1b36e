"""A version waits until the next environment holds the private packages that it needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.closed_port import CLOSED_PORT
from support.distributions.builders import make_manifest, required, write_manifest, write_wheel
from support.promotion.monorepo import PromotedMonorepo
from support.promotion.private_packages import READING, PromotedPackages
from support.promotion.project import PERMISSIONS, PromotedProject
from support.promotion.status_command import read_status, run_status
from support.sandbox.private_index import PrivateIndex, private_index
from support.sandbox.releases import publish_release
from support.stages.running import StageResult

GATES = {"require": "", "max-wait": "0s"}
WAITS_FOR_CORE = (
    "eigenoid-sample 0.1.0 requires eigenoid-core>=0.2, of which qa has 0.1.0 and dev has 0.2.0, "
    "0.1.0 (Python 3.10 on Linux). Why: whoever installs it from qa would find no versions that "
    "fit. Fix: promote eigenoid-core 0.2.0 from dev to qa first, then run this job again"
)


@pytest.fixture
def promoted_packages(project: PromotedProject) -> PromotedPackages:
    """`eigenoid-core`: 0.1.0 in dev and qa, 0.2.0 in dev alone."""
    packages = PromotedPackages(project.sandbox)
    for environment, version in (("dev", "0.1.0"), ("dev", "0.2.0"), ("qa", "0.1.0")):
        packages.publish(environment, "eigenoid-core", version)
    return packages


def release(project: PromotedProject, *requires: str) -> None:
    """Release a version in dev that requires something."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.release_tag("v0.1.0-dev", "0.1.0", requires=requires)


def promote(
    project: PromotedProject, packages: PromotedPackages, permissions: Any = None, **inputs: str
) -> StageResult:
    """Promote with all gates."""
    all_inputs = {**GATES, "version": "0.1.0", **packages.inputs(), **inputs}
    return project.promote(all_inputs, permissions=permissions or READING)


def blocked(result: StageResult) -> str:
    """Why it waits: nothing was changed, and the run is green with a warning."""
    assert (result.exit_status, result.changes) == (0, ()), result.log
    assert (result.outputs["result"], result.annotation.level) == ("blocked", "warning")
    assert result.outputs["reason"] in result.annotation.message
    return result.outputs["reason"]


def refused(result: StageResult) -> str:
    """What fails: nothing was changed, and there is one annotation in three parts."""
    assert (result.exit_status, result.changes) == (1, ()), result.log
    message = result.annotation.message
    assert "Why: " in message
    assert "Fix: " in message
    return message


def test_it_waits_for_a_package_that_is_not_promoted_and_passes_then(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    release(project, "eigenoid-core>=0.2", "requests", "numpy>=2 ; python_version < '3'")
    result = promote(project, promoted_packages)
    assert blocked(result) == WAITS_FOR_CORE
    assert result.outputs["promote-first"] == '[{"name": "eigenoid-core", "version": "0.2.0"}]'
    promoted_packages.publish("qa", "eigenoid-core", "0.2.0")
    result = promote(project, promoted_packages)
    assert result.outputs["result"] == "created", result.log
    body = project.pulls()[0].body or ""
    assert "| dependencies | requires eigenoid-core 0.2.0, on Python 3.10 to 3.14 |" in body
    downloads = [call for call in result.calls if call.endswith(":download")]
    assert len(downloads) == 1, "one request for the private package, none for public ones"
    assert [call for call in result.calls if "requests" in call or "numpy" in call] == []


@pytest.mark.parametrize(
    ("version", "requires"),
    [("1.0+ours.1", "eigenoid-core==1.0"), ("1!0.1", "Eigenoid.Core>=1!0")],
)
def test_a_version_with_signs_that_are_escaped_in_addresses_counts(
    project: PromotedProject, promoted_packages: PromotedPackages, version: str, requires: str
) -> None:
    promoted_packages.publish("qa", "eigenoid-core", version)
    release(project, requires)
    result = promote(project, promoted_packages, mode="plan")
    assert result.outputs["reason"] == "this run only plans", result.log


def test_the_same_with_an_index_of_simple_pages(
    project: PromotedProject, promoted_packages: PromotedPackages, tmp_path: Path
) -> None:
    release(project, "eigenoid-core>=0.2")
    with private_index(tmp_path / "dev") as dev, private_index(tmp_path / "qa") as qa:
        for index, versions in ((dev, ("0.1.0", "0.2.0")), (qa, ("0.1.0",))):
            for version in versions:
                write_wheel(index.folder, version, project="eigenoid-core")
        inputs = {name: _lines(name, dev, qa) for name in ("indexes", "username", "password")}
        result = project.promote({**GATES, "version": "0.1.0", **inputs})
        assert blocked(result) == WAITS_FOR_CORE
        write_wheel(qa.folder, "0.2.0", project="eigenoid-core")
        assert project.promote({**GATES, **inputs}).outputs["result"] == "created"


def _lines(name: str, dev: PrivateIndex, qa: PrivateIndex) -> str:
    values = {
        "indexes": (dev.index_url, qa.index_url),
        "username": ("publisher", "publisher"),
        "password": (dev.password, qa.password),
    }[name]
    return f"dev = {values[0]}\nqa = {values[1]}"


def test_without_an_index_it_is_said_once_and_nothing_is_asked(project: PromotedProject) -> None:
    release(project, "eigenoid-core>=0.2")
    result = project.promote({**GATES, "version": "0.1.0"})
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    said = "The gate dependencies asks nothing: the input indexes names no index of qa."
    assert result.log.count(said) == 1
    assert "Passed: release, published, checks." in (project.pulls()[0].body or "")


def test_an_index_that_does_not_answer_keeps_the_gate_shut(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    release(project)
    fault = {"path": "/artifact-registry-api/", "status": 503, "times": 1000}
    project.sandbox.control("POST", "faults", fault)
    reason = blocked(promote(project, promoted_packages))
    assert reason.startswith("the indexes could not be asked about dependencies: ")
    assert "Fix: run this job again when it answers" in reason
    project.sandbox.control("DELETE", "faults")
    closed = {"indexes": f"http://{CLOSED_PORT}/simple/"}
    result = project.promote({**GATES, "version": "0.1.0", **closed})
    assert blocked(result).startswith("the indexes could not be asked about dependencies: ")


def test_a_job_that_may_not_read_the_index_fails(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    release(project)
    assert "id-token: write" in refused(promote(project, promoted_packages, PERMISSIONS))
    promoted_packages.repository("qa").bindings.clear()
    message = refused(promote(project, promoted_packages))
    assert "This job may not read the repository eigenoid-python in eigenoid-qa" in message
    assert "roles/artifactregistry.reader" in message


@pytest.mark.parametrize(
    "requires",
    ["eigenoid-core @ https://example.com/core.whl", "eigenoid-core @ file:///core"],
)
def test_a_requirement_by_address_is_said_and_not_judged(
    project: PromotedProject, promoted_packages: PromotedPackages, requires: str
) -> None:
    release(project, requires)
    result = promote(project, promoted_packages, mode="plan")
    assert f"not judged: {requires}" in result.summary.replace("\u200b", "").replace("\\", "")
    assert result.outputs["reason"] == "this run only plans"


@pytest.mark.parametrize(
    ("changes", "fix"),
    [
        ({"password": "wrong"}, "check the inputs username and password"),
        ({"path": "nothing/"}, "compare it with the input indexes"),
    ],
)
def test_an_index_of_simple_pages_that_refuses_is_explained_to_who_reads(
    project: PromotedProject, tmp_path: Path, changes: dict[str, str], fix: str
) -> None:
    release(project)
    with private_index(tmp_path / "qa") as qa:
        inputs = {
            "indexes": f"qa = {qa.url}{changes.get('path', 'simple/')}",
            "username": "publisher",
            "password": changes.get("password", qa.password),
        }
        message = refused(project.promote({**GATES, "version": "0.1.0", **inputs}))
    assert fix in message
    assert "index-url" not in message
    assert "federation" not in message


def test_broken_metadata_are_one_error(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    promoted_packages.publish("qa", "eigenoid-core", "0.3.0", "util >> 2")
    release(project, "eigenoid-core")
    message = refused(promote(project, promoted_packages))
    assert message.startswith("The metadata of eigenoid_core-0.3.0-py3-none-any.whl cannot be read")
    wheel = promoted_packages.publish("qa", "eigenoid-core", "0.4.0")
    wheel.write_bytes(wheel.read_bytes()[:100])
    message = refused(promote(project, promoted_packages))
    assert message.startswith("The metadata of eigenoid_core-0.4.0-py3-none-any.whl cannot be read")


@pytest.mark.parametrize(("status", "text"), [
    (404, "was deleted or replaced while the index was read. Fix: run this job again"),
    (410, "lists eigenoid_core-0.1.0-py3-none-any.whl and does not have it (HTTP 410)"),
])  # fmt: skip
def test_a_listed_file_that_is_gone_keeps_the_gate_shut(
    project: PromotedProject, promoted_packages: PromotedPackages, status: int, text: str
) -> None:
    release(project, "eigenoid-core")
    fault = {"path": ":download", "status": status}
    project.sandbox.control("POST", "faults", fault)
    assert text in blocked(promote(project, promoted_packages))


@pytest.mark.parametrize("status", [401, 403])
def test_a_listed_file_that_may_not_be_read_is_a_matter_of_permission(
    project: PromotedProject, promoted_packages: PromotedPackages, status: int
) -> None:
    release(project, "eigenoid-core")
    project.sandbox.control("POST", "faults", {"path": ":download", "status": status, "times": 9})
    message = refused(promote(project, promoted_packages))
    assert f"and does not send it (HTTP {status})" in message
    assert "roles/artifactregistry.reader" in message
    assert "build backend" not in message


@pytest.mark.parametrize("lie", [{"project": "eigenoid-other"}, {"version": "0.1.1"}])
def test_a_released_file_that_says_it_is_another_is_refused(
    project: PromotedProject,
    promoted_packages: PromotedPackages,
    tmp_path: Path,
    lie: dict[str, str],
) -> None:
    says = {"project": "eigenoid-sample", "version": "0.1.0", **lie}
    liar = write_wheel(tmp_path / "liar", says["version"], project=says["project"]).read_bytes()
    project.develop("0.1.0", {"a.txt": "a\n"})
    commit = project.on_github("rev-parse", "v0.1.0-dev^{commit}").strip()
    write_wheel(tmp_path / "assets").write_bytes(liar)
    write_manifest(tmp_path / "assets", make_manifest(tmp_path / "assets", commit_sha=commit))
    publish_release(project.sandbox, "v0.1.0-dev", tmp_path / "assets")
    message = refused(promote(project, promoted_packages))
    assert f"it says that it is {says['project']} {says['version']}" in message


def test_two_that_need_each_others_next_version_are_named(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    promoted_packages.publish("dev", "eigenoid-core", "0.3.0", "eigenoid-sample>=0.1")
    release(project, "eigenoid-core>=0.3")
    reason = blocked(promote(project, promoted_packages))
    assert "eigenoid-core 0.3.0" in reason
    assert "require each other, so neither can be promoted first" in reason


def test_who_depends_on_it_is_shown_and_stops_where_that_is_asked_for(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    promoted_packages.publish("qa", "eigenoid-web", "1.0.0", "eigenoid-sample<0.1")
    promoted_packages.publish("qa", "eigenoid-api", "1.0.0", "eigenoid-sample")
    release(project)
    strict = promote(project, promoted_packages, require="dependents")
    assert "eigenoid-web 1.0.0 requires eigenoid-sample<0.1. Why: " in blocked(strict)
    result = promote(project, promoted_packages)
    assert result.outputs["result"] == "created", result.log
    body = project.pulls()[0].body or ""
    assert "| `eigenoid-api 1.0.0` | `eigenoid-sample` | yes |" in body
    assert "| `eigenoid-web 1.0.0` | `eigenoid-sample<0.1` | **no** |" in body
    for text in (body, result.summary):
        assert "**Not everybody in qa takes this version:** `eigenoid-web 1.0.0`" in text


def test_broken_metadata_of_others_do_not_stop_it(
    project: PromotedProject, promoted_packages: PromotedPackages
) -> None:
    promoted_packages.publish("qa", "eigenoid-web", "1.0.0", "util >> 2")
    release(project, "eigenoid-core")
    result = promote(project, promoted_packages)
    assert result.outputs["result"] == "created", result.log
    body = project.pulls()[0].body or ""
    assert "The metadata of eigenoid_web-1.0.0" in body.replace("\\", "")


def test_status_shows_who_depends_on_the_next_version(
    project: PromotedProject, tmp_path: Path
) -> None:
    release(project)
    with private_index(tmp_path / "qa") as index:
        for name, requirement in (("web", "eigenoid-sample<0.1"), ("api", "eigenoid-sample")):
            write_wheel(index.folder, "1.0.0", project=name, **required(requirement))
        login = {"INDEX_USERNAME": "publisher", "INDEX_PASSWORD": index.password}
        variables = {"INDEXES": f"qa = {index.index_url}", **login}
        step = read_status(project, **variables)["next"][0]
        text = run_status(project, **variables).stdout
        with_wrong_password = run_status(project, **{**variables, "INDEX_PASSWORD": "wrong"})
    assert [(entry["name"], entry["takes-it"]) for entry in step["dependents"]] == [
        ("api", True),
        ("web", False),
    ]
    assert "web 1.0.0 in qa requires eigenoid-sample<0.1: does not take this version" in text
    assert with_wrong_password.returncode == 0
    assert "not known who depends on it in qa: The index" in with_wrong_password.stdout


def shop_of_two(shop: PromotedMonorepo) -> PromotedPackages:
    """A repository whose shop-api 1.1.0 requires its shop-core 1.1.0, both released in dev."""
    packages = PromotedPackages(shop.project.sandbox)
    for environment in ("dev", "qa"):
        packages.publish(environment, "shop-core", "1.0.0")
    for package, requires in (("shop-core", ()), ("shop-api", ("shop-core>=1.1",))):
        shop.develop(package, "1.1.0")
        shop.release(package, "1.1.0", *requires)
        write_wheel(
            packages.repository("dev").folder, "1.1.0", project=package, **required(*requires)
        )
    return packages


def test_packages_of_the_same_repository_are_promoted_first_where_that_is_wanted(
    shop: PromotedMonorepo,
) -> None:
    packages = shop_of_two(shop)
    inputs = {**GATES, **packages.inputs(), "package": "shop-api", "version": "1.1.0"}
    result = shop.project.promote(inputs, permissions=READING)
    assert "Fix: promote shop-core 1.1.0 from dev to qa first" in blocked(result)
    result = shop.project.promote({**inputs, "with-dependencies": "true"}, permissions=READING)
    assert result.outputs["result"] == "blocked", result.log
    (pull,) = shop.project.pulls()
    assert pull.title == "chore: promote shop-core v1.1.0 to qa"
    (entry,) = json.loads(result.outputs["promote-first"])
    assert entry["pr-url"].endswith(f"/pull/{pull.number}")
    assert (entry["name"], entry["result"]) == ("shop-core", "created")
    assert (
        f"Before it, in this run: shop-core-v1.1.0-dev created: #{pull.number}"
        in (result.outputs["reason"])
    )


def test_packages_that_go_together_need_nothing_first_and_are_listed_in_order(
    shop: PromotedMonorepo,
) -> None:
    packages = shop_of_two(shop)
    inputs = {**GATES, **packages.inputs(), "package": "all"}
    result = shop.project.promote(inputs, permissions=READING)
    assert result.outputs["result"] == "created", result.log
    names = [package["name"] for package in json.loads(result.outputs["packages"])]
    assert names == ["shop-core", "shop-api"]
