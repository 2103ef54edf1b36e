"""PyPI's rules for metadata, on top of those of the core metadata specification; pure.

What the specification itself demands is checked by `packaging.metadata`, whatever the index.

Spec: https://packaging.python.org/en/latest/specifications/core-metadata/
"""

from collections.abc import Iterator
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email
from packaging.metadata import Metadata
from packaging.requirements import InvalidRequirement, Requirement
from rfc3986 import uri_reference
from rfc3986.exceptions import RFC3986Exception
from rfc3986.validators import Validator
from trove_classifiers import classifiers as known_classifiers
from trove_classifiers import deprecated_classifiers

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.distributions.checks.errors import quoted
from dist_actions.distributions.pypi_rules.problems import Problem

#: What `packaging` knows beyond these, PyPI does not take yet.
METADATA_VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
SUMMARY_LENGTH = 512
LABEL_LENGTH = 32

#: Fields of the specification that may not be left to the build.
#: Spec: https://peps.python.org/pep-0643/
_NEVER_DYNAMIC = frozenset({"metadata-version", "name", "version", "dynamic"})
_PRIVATE = "Private ::"


def find_metadata_problems(metadata: Metadata) -> tuple[Problem, ...]:
    """Find what PyPI refuses in metadata that are valid otherwise."""
    return (
        *_versions(metadata),
        *_summary(metadata),
        *_addresses(metadata),
        *_classifiers(metadata),
        *_pages(metadata),
        *_project_urls(metadata),
        *_requirements(metadata),
        *_dynamic(metadata),
        *_license(metadata),
    )


def is_page_address(text: str) -> bool:
    """Tell whether PyPI takes a text as the address of a page."""
    validator = (
        Validator()
        .allow_schemes("http", "https")
        .require_presence_of("scheme")
        .check_validity_of("scheme", "host", "port", "path", "query")
    )
    try:
        validator.validate(uri_reference(text).normalize())
    except (RFC3986Exception, ValueError):
        return False
    return True


def _versions(metadata: Metadata) -> Iterator[Problem]:
    if metadata.metadata_version not in METADATA_VERSIONS:
        yield Problem(
            "metadata-version",
            f"{metadata.metadata_version!r} is not a valid metadata version.",
            f"let the build backend write metadata of version {METADATA_VERSIONS[-1]} at most",
        )
    if metadata.version.local:
        yield Problem(
            "version",
            f"The use of local versions in {str(metadata.version)!r} is not allowed.",
            "release a version without '+'",
        )


def _summary(metadata: Metadata) -> Iterator[Problem]:
    if len(metadata.summary or "") > SUMMARY_LENGTH:
        yield Problem(
            "summary",
            f"'summary' field must be {SUMMARY_LENGTH} characters or less.",
            "shorten the description in [project]; the long text belongs into the readme",
        )


def _addresses(metadata: Metadata) -> Iterator[Problem]:
    """Judge the address that a mail program would take from each field: the first."""
    for field, text in (
        ("author-email", metadata.author_email),
        ("maintainer-email", metadata.maintainer_email),
    ):
        _, address = parseaddr(text or "")
        if not address:
            continue
        try:
            validate_email(address, check_deliverability=False)
        except EmailNotValidError as error:
            yield Problem(
                field,
                f"{quoted(address)} is not a valid email address: {error}",
                f"correct or remove the address in {field.partition('-')[0]}s",
            )


def _classifiers(metadata: Metadata) -> Iterator[Problem]:
    for classifier in sorted(set(metadata.classifiers or ())):
        if classifier in deprecated_classifiers:
            successors = deprecated_classifiers[classifier]
            yield Problem(
                "classifier",
                f"The classifier {classifier!r} has been deprecated"
                + (f", use one of {successors} instead." if successors else "."),
                "replace the classifier" if successors else "remove the classifier",
            )
        elif classifier not in known_classifiers:
            yield Problem(
                "classifier",
                f"{quoted(classifier)} is not a valid classifier.",
                "publish to a private index alone, or remove the classifier, which is there to "
                "keep the project off PyPI"
                if classifier.startswith(_PRIVATE)
                else "correct or remove the classifier; PyPI lists those that it knows",
            )


def _pages(metadata: Metadata) -> Iterator[Problem]:
    for field, url in (("home-page", metadata.home_page), ("download-url", metadata.download_url)):
        if url is not None and not is_page_address(url):
            yield Problem(field, f"{quoted(url)} is not a valid url.", _FIX_URL)


def _project_urls(metadata: Metadata) -> Iterator[Problem]:
    for label, url in (metadata.project_urls or {}).items():
        if not label:
            yield Problem("project-url", "Must have a label.", "name each of the project's URLs")
        elif len(label) > LABEL_LENGTH:
            yield Problem(
                "project-url",
                f"{quoted(label)} must be {LABEL_LENGTH} characters or less.",
                "shorten the label in [project.urls]",
            )
        elif not url:
            yield Problem("project-url", "Must have a URL.", f"give {label!r} an address")
        elif not is_page_address(url):
            yield Problem("project-url", f"{quoted(url)} is not a valid url.", _FIX_URL)


def _requirements(metadata: Metadata) -> Iterator[Problem]:
    for requirement in metadata.requires_dist or ():
        if requirement.url is not None:
            yield _direct("requires-dist", str(requirement))
    for field, texts in (
        ("provides-dist", metadata.provides_dist),
        ("obsoletes-dist", metadata.obsoletes_dist),
    ):
        for text in texts or ():
            try:
                parsed = Requirement(text)
            except InvalidRequirement as error:
                detail = str(error).partition("\n")[0]
                yield Problem(field, f"{quoted(text)} is invalid: {detail}", f"correct {field}")
                continue
            if parsed.url is not None:
                yield _direct(field, text)


def _direct(field: str, requirement: str) -> Problem:
    return Problem(
        field,
        f"Can't have direct dependency: {requirement[:QUOTED_NAME]}",
        "require a released version of it by its name, or leave it to a private index",
    )


def _dynamic(metadata: Metadata) -> Iterator[Problem]:
    for field in metadata.dynamic or ():
        if field in _NEVER_DYNAMIC:
            yield Problem(
                "dynamic",
                f"Dynamic field {field!r} is not a valid dynamic field.",
                "build with a current version of the build backend",
            )


def _license(metadata: Metadata) -> Iterator[Problem]:
    if metadata.license and metadata.license_expression:
        yield Problem(
            "license",
            "License is deprecated when License-Expression is present.",
            'keep the expression alone: license = "MIT" in [project]',
        )


_FIX_URL = "write a whole address that begins with https:// in [project.urls]"
