"""How Artifact Registry and other repositories refuse."""

from support.closed_port import CLOSED_PORT
from support.error_catalogue import index_preparations as given
from support.error_catalogue.case import AT_ONCE, NO_AUTHORITIES, NO_WRITER, Case

CASES = {
    # Artifact Registry
    "may read and not write": Case(
        "upload-403",
        (
            "nothing was uploaded anywhere",
            "gcloud artifacts repositories add-iam-policy-binding eigenoid-python "
            "--project=eigenoid-dev --location=us-central1 --role=roles/artifactregistry.writer "
            '--member="serviceAccount:eigenoid-sample-publisher@eigenoid-dev.iam.',
        ),
        given.reader_only,
    ),
    "another location": Case(
        "upload-403",
        ("or the location is wrong", "gcloud artifacts repositories list --project=eigenoid-dev"),
        inputs={"location": "europe-west1"},
    ),
    "an upload without permission": Case(
        "upload-403", ("(HTTP 403)", NO_WRITER), given.upload_forbidden
    ),
    "may not even read": Case(
        "index-unreadable", ("HTTP 403: Permission", "includes reading"), given.no_bindings
    ),
    "an upload with an unknown token": Case(
        "upload-401", ("Unauthenticated", "with federation, run the job again"), given.upload_401
    ),
    "a file that Artifact Registry does not accept": Case(
        "upload-refused", ("Invalid metadata (HTTP 400)",), given.upload_400
    ),
    "other bytes under the same name": Case(
        "conflict", ("with sha256", "ours has", "raise the version"), given.other_bytes
    ),
    "a file that is too large": Case(
        "file-size", ("Request Entity Too Large (HTTP 413)",), given.small_repository
    ),
    "a quota": Case(
        "service-unavailable",
        ("HTTP 429", "a rerun is safe"),
        given.quota,
        inputs=AT_ONCE,
        exit_status=3,
    ),
    "a virtual repository": Case(
        "repository-kind",
        ("the standard repository behind it",),
        given.virtual_repository,
        inputs={"repository": "everything"},
    ),
    "a remote repository": Case(
        "repository-kind",
        ("mirrors another index",),
        given.remote_repository,
        inputs={"repository": "mirror"},
    ),
    "bytes that nothing tells": Case(
        "unknown-bytes", ("nothing tells with which bytes", "reader"), given.unknown_bytes
    ),
    "a page that is none": Case(
        "index-unreadable", ("cannot be read", "a proxy answered"), given.page_is_html
    ),
    "an index that redirects": Case(
        "index-redirects", ("redirects to https://elsewhere.example.com/simple/",), given.moved_page
    ),
    "a repository that redirects": Case(
        "index-redirects", ("HTTP 308", "credentials are sent nowhere else"), given.moved_upload
    ),
    # Any repository
    "a repository without index-url": Case(
        "index-url", ("set index-url",), given.any_repository(index_url=False), exit_status=2
    ),
    "a repository without password": Case(
        "password",
        ("The input password or username", "forks get none"),
        given.any_repository(password=False),
        exit_status=2,
    ),
    "a repository that does not know the password": Case(
        "index-unreadable",
        ("HTTP 401", "check username and password"),
        given.wrong_password,
    ),
    # The way to a service
    "a proxy that wants a password": Case(
        "proxy", ("wants a password (HTTP 407)", "HTTPS_PROXY"), given.proxy_password
    ),
    "a port where nothing listens": Case(
        "host-not-reached",
        (f"{CLOSED_PORT} refuses connections", "Fix: correct the address"),
        given.closed_port,
        exit_status=3,
    ),
    "authorities that are not there": Case(
        "certificate",
        ("SSL_CERT_FILE is", "which is not there"),
        options={"environ": NO_AUTHORITIES},
        exit_status=2,
    ),
}
