"""The publish action: a folder of distributions to Artifact Registry, planned and read back."""

from collections.abc import Callable

import pytest

from support.distributions.builders import (
    write_release,
    write_sdist,
    write_wheel,
)
from support.projects.releases import TaggedProject
from support.publishing.forging import assert_stopped, forge
from support.publishing.job import UPLOAD, PublishingJob


def test_a_folder_is_published_and_told(publisher: PublishingJob) -> None:
    result = publisher()
    assert result.exit_status == 0, result.log
    assert publisher.indexed() == publisher.at_hand()
    assert result.outputs["uploaded"] == "2"
    assert result.outputs["files"].split() == sorted(publisher.at_hand())
    assert result.outputs["index-urls"].endswith("/eigenoid-dev/eigenoid-python/simple/")
    assert "pip install --index-url" in result.summary
    assert result.annotations == ()


def test_a_rerun_uploads_nothing(publisher: PublishingJob) -> None:
    publisher()
    again = publisher()
    assert (again.exit_status, again.changes, again.outputs["uploaded"]) == (0, (), "0")
    assert "was there" in again.summary


def test_many_files_are_each_accepted_once(publisher: PublishingJob) -> None:
    for minor in range(9, 15):
        write_wheel(publisher.dist, tag=f"cp3{minor}-none-any")
    result = publisher()
    assert result.exit_status == 0, result.log
    uploads = [call for call in result.changes if "artifact-registry" in call]
    assert len(uploads) == len(publisher.at_hand()) == 8


def test_an_interrupted_set_is_finished(publisher: PublishingJob) -> None:
    """The second upload is taken, but its answer says otherwise, as often as it is tried."""
    fault = {"method": "POST", "path": UPLOAD, "skip": 1, "status": 403}
    publisher.sandbox.control("POST", "faults", fault)
    first = publisher()
    assert first.exit_status == 1
    assert len(publisher.indexed()) == 1
    second = publisher()
    assert (second.exit_status, second.outputs["uploaded"]) == (0, "1")
    assert publisher.indexed() == publisher.at_hand()


def test_a_file_that_another_run_uploaded_meanwhile_is_compared(publisher: PublishingJob) -> None:
    simple = {"method": "GET", "path": "/simple/", "status": 404}
    publisher()
    publisher.sandbox.control("POST", "faults", simple)
    result = publisher()
    assert result.exit_status == 0, result.log
    write_release(publisher.dist, content="other bytes")
    publisher.sandbox.control("POST", "faults", simple)
    refused = publisher()
    assert refused.exit_status == 1
    assert "holds other bytes under the same name" in refused.annotation.message


def test_a_dry_run_tells_and_changes_nothing(publisher: PublishingJob) -> None:
    result = publisher({"dry-run": "true"})
    assert (result.exit_status, result.changes) == (0, ())
    assert "2 to upload" in result.log
    assert publisher.indexed() == {}


def empty_it(publisher: PublishingJob) -> None:
    for path in publisher.dist.iterdir():
        path.unlink()


def mix_versions(publisher: PublishingJob) -> None:
    write_wheel(publisher.dist, "0.2.0")


def mix_projects(publisher: PublishingJob) -> None:
    write_wheel(publisher.dist, project="other")


def add_credentials(publisher: PublishingJob) -> None:
    (publisher.dist / "gha-creds-0123.json").write_text("{}")


def nest_in_folders(publisher: PublishingJob) -> None:
    """What download-artifact makes of several artifacts."""
    for path in sorted(publisher.dist.iterdir()):
        folder = publisher.dist / f"files-{path.suffix[1:]}"
        folder.mkdir()
        path.rename(folder / path.name)


def add_nested_wheel(publisher: PublishingJob) -> None:
    write_wheel(publisher.dist / "linux" / "arm", tag="cp312-none-any")


def add_other_folder(publisher: PublishingJob) -> None:
    (publisher.dist / "nested").mkdir()


def hide_everything(publisher: PublishingJob) -> None:
    for path in publisher.dist.iterdir():
        path.rename(path.with_name(f".{path.name}"))


def link_hidden(publisher: PublishingJob) -> None:
    (publisher.dist / ".hidden").symlink_to("/etc/passwd")


def pack_credentials(publisher: PublishingJob) -> None:
    write_sdist(publisher.dist, members={".pypirc": "x"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (empty_it, "There is no distribution in dist"),
        (mix_versions, "not eigenoid-sample 0."),
        (mix_projects, "is other 0.1.0, not eigenoid-sample"),
        (add_credentials, "'gha-creds-0123.json' in dist is no sdist and no wheel"),
        (nest_in_folders, "Distributions lie in folders of dist: 'files-gz', 'files-whl'"),
        (nest_in_folders, "merge-multiple: true"),
        (add_nested_wheel, "Distributions lie in folders of dist: 'linux'"),
        (add_other_folder, "'nested' in dist is no sdist and no wheel"),
        (hide_everything, "There is no distribution in dist"),
        (link_hidden, "'.hidden' in dist is no sdist and no wheel"),
        (pack_credentials, "holds eigenoid_sample-0.1.0/.pypirc"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_must_not_be_published_is_refused_offline(
    publisher: PublishingJob, change: Callable[[PublishingJob], None], said: str
) -> None:
    change(publisher)
    result = publisher()
    assert result.exit_status == 1
    assert said in result.annotation.message
    assert result.requests == ()


def test_what_tools_write_beside_distributions_is_passed_over_and_named(
    publisher: PublishingJob,
) -> None:
    ours = publisher.at_hand()
    (wheel,) = (name for name in ours if name.endswith(".whl"))
    (sdist,) = (name for name in ours if name.endswith(".tar.gz"))
    others = [
        *(".gitignore", f"._{wheel}", f"{wheel}.asc", f"{sdist}.sigstore.json"),
        *(f"{sdist}.publish.attestation", f"{wheel}.sig"),
    ]
    for name in others:
        (publisher.dist / name).write_text("*", encoding="ascii")
    result = publisher({"index": "artifact-registry\npypi"})
    assert result.exit_status == 0, result.log
    assert publisher.indexed() == publisher.on("pypi") == ours
    (line,) = (line for line in result.log.splitlines() if "passed over in dist" in line)
    assert [name for name in others if name not in line] == []


@pytest.mark.parametrize("name", ["notes.txt.asc", "eigenoid_sample-0.1.0.asc", "keys.sigstore"])
def test_a_companion_of_nothing_is_no_companion(publisher: PublishingJob, name: str) -> None:
    (publisher.dist / name).write_text("x", encoding="ascii")
    result = publisher()
    assert (result.exit_status, result.requests) == (1, ())
    assert f"{name!r} in dist is no sdist and no wheel" in result.annotation.message


@pytest.fixture
def of_tag(tagged: TaggedProject) -> PublishingJob:
    """A job with the files, and the manifest, that were built for the tag v0.1.0-dev."""
    return PublishingJob(tagged.sandbox, tagged.run_stage, tagged.workspace)


def test_the_build_jobs_files_are_published_and_no_others(
    of_tag: PublishingJob, tagged: TaggedProject
) -> None:
    digest = tagged.manifest_sha256
    wheel = write_wheel(of_tag.dist, Keywords="altered")
    altered = of_tag({"manifest-sha256": digest})
    assert altered.exit_status == 1
    assert f"differ from dist-manifest.json: {wheel.name}" in altered.annotation.message
    assert altered.requests == ()
    tagged.build()
    result = of_tag({"manifest-sha256": digest})
    assert result.exit_status == 0, result.log
    assert of_tag.indexed() == tagged.built()


def test_another_project_in_a_forged_manifest_is_refused(
    of_tag: PublishingJob, tagged: TaggedProject
) -> None:
    for path in tagged.built():
        (of_tag.dist / path).unlink()
    write_wheel(of_tag.dist, "99.0.0", project="other-team-lib")
    digest = forge(of_tag.dist, {"name": "other-team-lib", "version": "99.0.0"})
    result = of_tag({"manifest-sha256": digest})
    assert_stopped(result, 'name is "other-team-lib", not "eigenoid-sample"')
    assert of_tag.indexed() == {}


def test_the_manifest_of_another_tag_is_refused(
    of_tag: PublishingJob, tagged: TaggedProject
) -> None:
    digest = forge(of_tag.dist, {"tag": "v0.1.0", "environment": "prd", "production": True})
    result = of_tag({"manifest-sha256": digest})
    assert_stopped(result, 'tag is "v0.1.0", not "v0.1.0-dev"', "production is true, not false")
    assert tagged.indexed() == {}


def test_a_run_for_no_tag_names_it(of_tag: PublishingJob, tagged: TaggedProject) -> None:
    options = {"event": "workflow_dispatch", "ref": "refs/heads/dev"}
    inputs = {"manifest-sha256": tagged.manifest_sha256}
    nameless = of_tag(inputs, **options)
    assert nameless.exit_status == 2
    assert "refs/heads/dev is not a tag" in nameless.annotation.message
    gone = of_tag({**inputs, "tag": "v0.2.0-dev"}, **options)
    assert_stopped(gone, "The tag v0.2.0-dev is gone")
    result = of_tag({**inputs, "tag": tagged.tag}, **options)
    # The manifest is of that tag; the sandbox's Google takes runs for tags alone.
    assert "this run is for refs/heads/dev, which is no tag" in result.annotation.message


def test_without_reading_permission_it_is_told(
    of_tag: PublishingJob, tagged: TaggedProject
) -> None:
    inputs = {"manifest-sha256": tagged.manifest_sha256}
    result = of_tag(inputs, permissions={"id-token": "write"})
    assert result.exit_status == 1, result.log
    assert "contents" in result.annotation.message
    assert of_tag.indexed() == {}


def test_bad_metadata_is_refused_offline(publisher: PublishingJob) -> None:
    write_wheel(publisher.dist, Description_Content_Type="text/nonsense")
    result = publisher()
    assert result.exit_status == 1, result.log
    assert "The metadata is not valid" in result.annotation.message
    assert result.requests == ()


def test_missing_settings_are_told_together(publisher: PublishingJob) -> None:
    result = publisher({"project-id": "", "location": ""})
    assert result.exit_status == 2
    assert "GCP_PROJECT_ID, AR_LOCATION" in result.annotation.message
    assert result.requests == ()


TRANSIENT = {
    "ID token 503": {"method": "GET", "path": "^/oidc/token", "status": 503},
    "exchange reset": {"method": "POST", "path": "^/sts/", "connection": "reset"},
    "exchange made, answer lost": {
        "method": "POST",
        "path": "^/sts/",
        "applied": True,
        "connection": "reset",
    },
    "exchange cut": {"method": "POST", "path": "^/sts/", "connection": "cut"},
    "exchange answered by a proxy": {
        "method": "POST",
        "path": "^/sts/",
        "status": 200,
        "headers": {"content-type": "text/html"},
        "body": "<html>Log in</html>",
    },
    "impersonation 503": {"method": "POST", "path": "^/iam-credentials/", "status": 503},
    "impersonation 429": {
        "method": "POST",
        "path": "^/iam-credentials/",
        "status": 429,
        "headers": {"retry-after": "1"},
    },
    "impersonation answered by a proxy": {
        "method": "POST",
        "path": "^/iam-credentials/",
        "status": 200,
        "headers": {"content-type": "text/html"},
        "body": "<html>Log in</html>",
    },
    "page 503": {"method": "GET", "path": "/simple/", "status": 503},
    "page cut": {"method": "GET", "path": "/simple/", "connection": "cut"},
}


@pytest.mark.parametrize("point", list(TRANSIENT))
def test_a_passing_failure_is_waited_for(publisher: PublishingJob, point: str) -> None:
    publisher.sandbox.control("POST", "faults", TRANSIENT[point])
    result = publisher()
    assert result.exit_status == 0, result.log
    assert publisher.indexed() == publisher.at_hand()


def test_a_proxys_page_in_place_of_the_index_is_told(publisher: PublishingJob) -> None:
    page = {"status": 200, "headers": {"content-type": "application/json"}, "body": "<html>"}
    publisher.sandbox.control(
        "POST", "faults", {"method": "GET", "path": "/simple/", "times": 2, **page}
    )
    result = publisher()
    assert (result.exit_status, result.changes) == (1, ())
    assert "cannot be read" in result.annotation.message


def test_a_wait_that_is_longer_than_allowed_ends_the_run(publisher: PublishingJob) -> None:
    fault = {"path": "^/sts/", "status": 429, "headers": {"retry-after": "3600"}}
    publisher.sandbox.control("POST", "faults", fault)
    result = publisher({"max-wait": "2s"})
    assert result.exit_status == 3
    assert "HTTP 429" in result.annotation.message
    assert "a rerun is safe" in result.annotation.message
