"""The command `dist-actions status`: what stands where, and what promotion would do next."""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.commands.status.answer import Status
from dist_actions.commands.status.next_steps import StatusContext, find_next_steps
from dist_actions.commands.tags import find_project, tag_formats
from dist_actions.errors import EXIT_DONE, DistActionsError, GitError, InputError
from dist_actions.identity.secret import Secret
from dist_actions.indexes.environment_indexes import IndexReaders, read_index_readers
from dist_actions.indexes.package_indexes import PackageIndexes
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader
from dist_actions.overview.reading import read_environment_statuses
from dist_actions.pipeline.settings import read_settings
from dist_actions.promote.gates.conditions import PackageReport
from dist_actions.promote.gates.dependencies import DependencyGate
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.promotion import Promotion
from dist_actions.promote.selection import ALL, no_package
from dist_actions.services.certificates import require_certificate_bundle
from dist_actions.services.clock import SystemClock
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.releases import Releases
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries, read_exchange_seconds
from dist_actions.services.runner import Runner
from dist_actions.versions.project_files import normalised

#: What a shell reports for a process that was interrupted.
_EXIT_INTERRUPTED = 130
#: The inputs of promote that say how an index is read, by the variables that usually hold them.
_INDEX_VARIABLES = {
    "indexes": "INDEXES",
    "workload-identity-provider": "READER_WIF_PROVIDER",
    "service-account": "READER_SA_EMAIL",
    "username": "INDEX_USERNAME",
    "password": "INDEX_PASSWORD",
}
_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", re.ASCII)
#: `git@github.com:owner/name.git`, which is no URL.
_SCP_FORM = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^:]+)")
_PUBLIC_SERVER = "https://github.com"


def show_status(arguments: argparse.Namespace) -> int:
    """Print the status on standard output, and everything else on standard error."""
    environ = dict(os.environ)
    runner = Runner.from_environ({**environ, "GITHUB_OUTPUT": ""}, sys.stderr)
    try:
        require_certificate_bundle(environ)
        status = _read(arguments, environ, runner)
    except DistActionsError as error:
        runner.log(f"dist-actions: {error.lines}")
        return error.exit_status
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    if arguments.json:
        print(status.to_json())
    elif arguments.markdown:
        print(status.to_markdown())
    elif sys.stdout.isatty():
        print(status.to_text(colours=not environ.get("NO_COLOR")))
    else:
        Runner.from_environ(environ, sys.stdout).log(status.to_text(colours=False))
    return EXIT_DONE


def _read(arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner) -> Status:
    project = find_project(Path(arguments.path))
    settings = read_settings(project.workspace, project.package_path)
    names = {package.name for package in settings.packages}
    if arguments.package and normalised(arguments.package) not in names:
        raise no_package(arguments.package, settings.packages)
    github_repository = find_repository(arguments.repository, environ, project.workspace)
    token = find_token(environ)
    runner.mask(token)
    described = {**environ, "GITHUB_REPOSITORY": github_repository}
    retries = Retries(SystemClock(), runner.log, exchange_seconds=read_exchange_seconds(environ))
    session = GitHubSession.from_environ(described, runner, retries)
    client = session.as_job(token)
    releases = Releases(client)
    recent = releases.recent()
    indexes = PackageIndexes(_read_indexes(environ), environ, retries, runner)
    gate = DependencyGate(indexes.of, releases, runner.log)

    def find_dependents(promotion: Promotion) -> PackageReport:
        tags = {state.tag for state in promotion.moving} or {promotion.tag}
        promoted = [release for release in recent if release.tag in tags and not release.draft]
        return gate.show_dependents(promotion, promoted)

    with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
        url = f"{session.server_url}/{github_repository}.git"
        clone = PromotionClone(Path(folder), environ, url, token)
        monorepo = Monorepo(settings.packages, clone.list_tags(), settings.environments)
        forms = tag_formats(settings, project)
        if not settings.packages:
            forms = {"": next(iter(forms.values()))}
        statuses = read_environment_statuses(
            releases, recent, settings.environments, forms, tags=monorepo.tags
        )
        steps = find_next_steps(
            StatusContext(
                clone=clone,
                monorepo=monorepo,
                tag_format=forms.get(""),
                released=[release.tag for release in recent if not release.draft],
                package=arguments.package or (ALL if settings.packages else ""),
                client=client,
                find_dependents=find_dependents,
            )
        )
    return Status(github_repository, statuses, steps)


def _read_indexes(environ: Mapping[str, str]) -> IndexReaders:
    """Read from the variables of the environment how the indexes are read.

    Raises:
        InputError: One or more are unusable.
    """
    inputs = {
        f"INPUT_{name.upper()}": environ.get(variable, "")
        for name, variable in _INDEX_VARIABLES.items()
    }
    reader = InputReader(inputs)
    readers = read_index_readers(reader, GoogleEndpoints.from_environ(environ))
    reader.finish()
    return readers


def find_repository(name: str, environ: Mapping[str, str], folder: Path) -> str:
    """Find the repository's `owner/name`: the argument, the workflow run's, or that of `origin`.

    Raises:
        InputError: There is none, it is not written like that, or `origin` is another server's:
            the token would be sent there.
    """
    if name := name or environ.get("GITHUB_REPOSITORY", ""):
        if not _NAME.fullmatch(name):
            raise _unknown_repository(
                f"{name[:QUOTED_NAME]!r} is no repository.", "it is written OWNER/NAME."
            )
        return name
    try:
        git = Git.asking(folder, environ, own_configuration=True)
        url = git.run("remote", "get-url", "origin")
    except GitError as error:
        raise _unknown_repository(
            "It is not known which repository is meant.",
            "this folder is no clone with a remote `origin`.",
        ) from error
    host, path = _split_url(url)
    server = environ.get("GITHUB_SERVER_URL") or _PUBLIC_SERVER
    name = path.strip("/").removesuffix(".git")
    if host != urlsplit(server).hostname or not _NAME.fullmatch(name):
        raise _unknown_repository(
            f"The remote `origin` is no repository at {server}.",
            "it leads elsewhere; a server of your own is named by the variables GITHUB_SERVER_URL "
            "and GITHUB_API_URL.",
        )
    return name


def find_token(environ: Mapping[str, str]) -> Secret:
    """Read the token of the environment: `GH_TOKEN`, else `GITHUB_TOKEN`.

    Raises:
        InputError: There is none.
    """
    token = environ.get("GH_TOKEN") or environ.get("GITHUB_TOKEN") or ""
    if not token.strip():
        raise InputError(
            "There is no token for GitHub.",
            why="releases, tags and branches are read from there, and neither GH_TOKEN nor "
            "GITHUB_TOKEN is set.",
            fix='run `export GH_TOKEN="$(gh auth token)"`; in a workflow give the step '
            "`GH_TOKEN: ${{ github.token }}`.",
            anchor="status",
        )
    return Secret(token.strip())


def _split_url(url: str) -> tuple[str, str]:
    """Split a remote's address into host and path; both empty for a folder."""
    if "://" in url:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path
    scp = _SCP_FORM.fullmatch(url)
    return (scp["host"], scp["path"]) if scp else ("", "")


def _unknown_repository(problem: str, why: str) -> InputError:
    return InputError(problem, why=why, fix="name it by --repository OWNER/NAME.", anchor="status")
