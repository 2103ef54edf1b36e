"""Checks of what services answer: Apps, the job's identity, and the indexes; pure."""

from collections.abc import Callable, Iterator

from dist_actions.abbreviation import short_digest
from dist_actions.doctor.facts import Facts, known, refusal_of
from dist_actions.doctor.findings import Check, NotCheckedError, Problem


def find_refused_reading(facts: Facts) -> Iterator[Problem]:
    """Find what keeps the repository on GitHub from being read, though a token is given."""
    problem = refusal_of(facts.branches)
    if problem is None:
        known(facts.branches)
    else:
        yield problem


def find_unusable_apps(facts: Facts) -> Iterator[Problem]:
    """Find Apps that are not installed, or lack a permission."""
    return (app.problem for app in known(facts.apps) if app.problem)


def find_stage_problems(name: str) -> Callable[[Facts], Iterator[Problem]]:
    """Make a check of one stage on the job's way into its index."""

    def find(facts: Facts) -> Iterator[Problem]:
        stages = {stage.name: stage for stage in known(facts.job).stages}
        if name not in stages:
            raise NotCheckedError("the job did not come so far, or names no index")
        problem = stages[name].problem
        if problem and name == "exchange" and any(True for _ in find_unsuited_claims(facts)):
            raise NotCheckedError("the ID token's claims do not fit")
        return iter([problem] if problem else [])

    return find


def find_unsuited_claims(facts: Facts) -> Iterator[Problem]:
    """Find claims that the documented condition of Google's provider does not accept."""
    claims = known(facts.job).claims
    if not claims:
        raise NotCheckedError("the job has no ID token")
    stages = facts.pipeline.environments.stages
    environment = str(claims.get("environment") or "")
    expected = {stage.github_environment.casefold(): stage for stage in stages}
    stage = expected.get(environment.casefold())
    if not environment:
        yield Problem(
            "The job's ID token has no claim `environment`.",
            "the provider's condition asks for the environment of the tag.",
            "write `environment:` into the job.",
        )
    if claims.get("ref_type") != "tag":
        yield Problem(
            f"The job's ID token is for {claims.get('ref') or 'no ref'}, which is no tag.",
            "the provider's condition accepts tags alone.",
            "run it for a tag: `gh workflow run WORKFLOW --ref TAG`.",
        )
    elif environment and stage and not _is_tag_of(facts, str(claims.get("ref")), stage.suffix):
        yield Problem(
            f"The job runs in {environment}, for {claims.get('ref')}.",
            "that tag is not one of this environment, so the provider's condition refuses it.",
            "name the tag's own environment in the job.",
        )


def find_public_names(facts: Facts) -> Iterator[Problem]:
    """Find private packages whose name is somebody's on PyPI."""
    for name in sorted(known(facts.indexes.public_names)):
        yield Problem(
            f"{name} is published to a private index, and PyPI has a project of this name, too.",
            "an installer that asks both takes the higher version of either.",
            "install with `--index-url` of the private index alone, never with "
            "`--extra-index-url`; or register the name on PyPI.",
        )


def find_second_indexes(facts: Facts) -> Iterator[Problem]:
    """Find settings of installers that ask a second index."""
    for place in facts.project.second_indexes:
        yield Problem(
            f"The project asks a second index: {place}.",
            "an installer that asks two indexes takes the higher version of either, so a stranger "
            "who registers a private name publicly is installed in its place.",
            "leave one index, a virtual repository where public packages are needed, too; or make "
            'the index of uv `explicit = true`, the source of poetry `priority = "explicit"`.',
        )


def find_other_bytes(facts: Facts) -> Iterator[Problem]:
    """Find indexes that hold files of a release with other bytes."""
    different: dict[tuple[str, str], list[str]] = {}
    if (problem := refusal_of(facts.indexes.files)) and not refusal_of(facts.branches):
        yield problem
        return
    files = known(facts.indexes.files)
    if not files:
        raise NotCheckedError("no release is in an index that can be read here")
    for file in files:
        if file.indexed_sha256 != file.released_sha256:
            digests = (
                f"{short_digest(file.indexed_sha256)}, not {short_digest(file.released_sha256)}"
            )
            names = different.setdefault((file.index, file.environment), [])
            names.append(f"{file.name} (sha256 {digests})")
    for (index, environment), names in different.items():
        yield Problem(
            f"{index} holds other bytes than the release of {environment}: {', '.join(names)}.",
            "somebody uploaded other bytes, or replaced the files of the release.",
            "find out who uploaded them, yank that version, and release a new one.",
        )


def _is_tag_of(facts: Facts, ref: str, suffix: str) -> bool:
    parsed = (
        package.tags.parse(ref.removeprefix("refs/tags/"))
        for package in facts.project.packages
        if package.tags
    )
    return any(tag is not None and tag.suffix == suffix for tag in parsed)


CHECKS = (
    Check(
        "github-readable",
        "The repository can be read with the token that is given",
        "error",
        find_refused_reading,
        "doctor.md",
    ),
    Check(
        "apps",
        "The GitHub Apps are installed, and may do what they need",
        "error",
        find_unusable_apps,
        "setup.md#two-github-apps",
    ),
    Check(
        "id-token",
        "The job gets an ID token",
        "error",
        find_stage_problems("id-token"),
        "troubleshooting.md#id-token",
    ),
    Check(
        "claims",
        "The ID token's claims fit the provider's condition",
        "error",
        find_unsuited_claims,
        "troubleshooting.md#attribute-condition",
    ),
    Check(
        "exchange",
        "The ID token is exchanged for a credential of the index",
        "error",
        find_stage_problems("exchange"),
        "troubleshooting.md#the-jobs-id-token-and-google-cloud",
    ),
    Check(
        "index-readable",
        "The job may read the index",
        "error",
        find_stage_problems("read"),
        "troubleshooting.md#index-unreadable",
    ),
    Check(
        "index-writable",
        "The job may upload to the index",
        "error",
        find_stage_problems("write"),
        "troubleshooting.md#upload-403",
    ),
    Check(
        "names-apart",
        "No private package has the name of a public one",
        "warning",
        find_public_names,
        "installing.md",
    ),
    Check(
        "one-index",
        "Installers ask one index",
        "warning",
        find_second_indexes,
        "troubleshooting.md#second-index",
    ),
    Check(
        "same-bytes",
        "The indexes hold the bytes of the releases",
        "error",
        find_other_bytes,
        "troubleshooting.md#conflict",
    ),
)
