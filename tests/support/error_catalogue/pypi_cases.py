"""How PyPI refuses."""

from support.error_catalogue import pypi_preparations as given
from support.error_catalogue.case import CLAIMS, FORM, PYPI, Case

CASES = {
    # Trusted Publishing
    "Trusted Publishing is off": Case(
        "trusted-publishing-off",
        ("PyPI gave no upload token", "API token as password"),
        given.trusted_publishing_off,
        inputs=PYPI,
    ),
    "not-enabled": Case(
        "trusted-publishing-off", ("not-enabled",), given.mint_not_enabled, inputs=PYPI
    ),
    "invalid-payload": Case(
        "trusted-publishing-token",
        ("invalid-payload: unknown trusted publishing issuer", "https://ghes.example.com"),
        given.another_issuer,
        inputs=PYPI,
    ),
    "invalid-token": Case(
        "trusted-publishing-token",
        ("invalid-token: malformed or invalid token", *CLAIMS),
        given.expired_token,
        inputs=PYPI,
    ),
    "invalid-reuse-token": Case(
        "trusted-publishing-token", ("already used",), given.used_token, inputs=PYPI
    ),
    "invalid-pending-publisher": Case(
        "trusted-publishing-pending",
        ("project already exists", f"{FORM}Environment name `dev`"),
        given.late_pending_publisher,
        inputs=PYPI,
    ),
    "invalid-publisher": Case(
        "trusted-publishing-publisher",
        (
            f"{FORM}Environment name `dev`",
            "/pypi/manage/account/publishing/",
            *CLAIMS,
        ),
        given.publisher(environment="production"),
        inputs=PYPI,
    ),
    "invalid-publisher, and no environment": Case(
        "trusted-publishing-publisher",
        (
            "Why: the job has no `environment:`",
            "where the publisher has an environment, add `environment: NAME`",
            f"{FORM}Environment name (empty)",
        ),
        given.publisher(environment="production"),
        inputs=PYPI,
        options={"environment": ""},
    ),
    "TestPyPI is another index": Case(
        "trusted-publishing-publisher",
        ("TestPyPI gave no upload token", "/testpypi/manage/account/publishing/"),
        given.no_publisher_on_testpypi,
        inputs={"index": "testpypi"},
    ),
    "a pending publisher with a name like another": Case(
        "project-name", ("too similar to an existing project",), given.similar_pending, inputs=PYPI
    ),
    "a pending publisher with another name": Case(
        "trusted-publishing-pending",
        ("cannot create new projects", "write the same name"),
        given.publisher(project="eigenoid-other"),
        inputs=PYPI,
    ),
    "a reusable workflow": Case(
        "reusable-workflow",
        ("shared/.github/workflows/upload.yml", "workflow_ref=eigenoid/eigenoid-sample/", *CLAIMS),
        given.reusable_workflow,
        inputs=PYPI,
    ),
    # PyPI's rules
    "a classifier that keeps a project private": Case(
        "pypi-rules",
        (
            "PyPI would refuse eigenoid_sample-0.1.0-py3-none-any.whl: 'Private :: Do Not Upload' "
            "is not a valid classifier",
            "publish to a private index alone",
        ),
        given.private_classifier,
        inputs=PYPI,
    ),
    "a burnt name": Case(
        "burnt-name", ("has since been deleted", "raise the version"), given.burnt_name, inputs=PYPI
    ),
    "a release of 15 days ago": Case(
        "closed-release", ("older than 14 days",), given.old_release, inputs=PYPI
    ),
    "a name like another": Case(
        "project-name", ("too similar", "choose another name"), given.similar_name, inputs=PYPI
    ),
    "a name that nobody may have": Case(
        "project-name", ("isn't allowed",), given.prohibited_name, inputs=PYPI
    ),
    "a file that is too large for PyPI": Case(
        "file-size", ("File too large",), given.small_index("file_size_limit_bytes"), inputs=PYPI
    ),
    "a project that is too large for PyPI": Case(
        "file-size",
        ("Project size too large", "delete old releases"),
        given.small_index("project_size_limit_bytes"),
        inputs=PYPI,
    ),
    "a token of another project": Case(
        "foreign-project", ("is not valid for project",), given.foreign_token, inputs=PYPI
    ),
    "somebody else's project": Case(
        "foreign-project", ("ask an owner",), given.foreign_project, inputs=PYPI
    ),
    "a token that PyPI does not know": Case(
        "upload-401",
        ("Invalid or non-existent authentication information", "share no tokens"),
        inputs={**PYPI, "password": "pypi-mistyped-or-deleted"},
    ),
    "a user's password": Case(
        "upload-401",
        ("no longer supported", "leave username out"),
        inputs={**PYPI, "username": "developer", "password": "a-password-of-a-person"},
    ),
    "attestations that PyPI does not accept": Case(
        "attestations",
        ("Invalid attestations supplied during upload", "set attestations to false"),
        given.refused_attestation,
        inputs=PYPI,
    ),
    "an index that repeats the password": Case(
        "upload-refused",
        ("The token *** cannot upload this (HTTP 400)",),
        given.password_said_back,
        inputs=PYPI,
    ),
}
