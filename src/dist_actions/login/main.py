"""The login stage from environment variables to exit status."""

import netrc
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dist_actions.dependencies.reported_versions import ReportedVersions
from dist_actions.errors import EXIT_DONE, DistActionsError, InputError
from dist_actions.identity.secret import Secret
from dist_actions.indexes import second_indexes
from dist_actions.indexes.environment_indexes import ReadableIndex
from dist_actions.indexes.index_names import choose_index_name
from dist_actions.indexes.package_indexes import PackageIndexes
from dist_actions.indexes.project_indexes import find_in_project
from dist_actions.indexes.targets import ArtifactRegistryTarget
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.login.choosing import choose_environment, refuse_fork, require_index
from dist_actions.login.handover import Handover, add_to_netrc, describe
from dist_actions.login.inputs import LoginInputs
from dist_actions.login.installed import explain_absence, list_installed
from dist_actions.login.public_names import PublicNames
from dist_actions.login.readers import Reader, read_artifact_registry, read_repository
from dist_actions.markdown import escape
from dist_actions.pipeline.packages import package_of_tag
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.services.clock import SYSTEM_CLOCK, Clock
from dist_actions.services.foreign_code.pip_configuration import read_pip_configurations
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage
from dist_actions.toml import read_toml
from dist_actions.versions import ProjectFiles, find_name

_TITLE = "login"
_FOLDER = "dist-actions-login-"


def main(environ: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(_TITLE, environ, lambda runner: _LoginRun(environ, runner, clock).run())


class _LoginRun:
    """One run."""

    def __init__(self, environ: Mapping[str, str], runner: Runner, clock: Clock) -> None:
        self._environ = environ
        self._runner = runner
        self._event = Event.from_environ(environ)
        refuse_untrusted(self._event)
        refuse_fork(self._event)
        self._inputs = LoginInputs.from_environ(environ)
        self._workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
        self._retries = Retries.of_run(environ, runner, self._inputs.max_wait, clock)

    def run(self) -> int:
        """Run what the input `phase` says, and return the exit status."""
        inputs = self._inputs
        settings = read_settings(
            self._workspace,
            inputs.package_path,
            tag_format=inputs.tag_format,
            environments=inputs.environments,
        )
        environment = choose_environment(inputs.environment, self._event, settings, inputs.readers)
        index = require_index(inputs.readers, environment)
        if inputs.phase == "report":
            self._report(settings, environment, index)
        else:
            self._log_in(environment, index)
        return EXIT_DONE

    def _log_in(self, environment: str, index: ReadableIndex) -> None:
        """Mint the reader's token, check what it reads, and hand it over."""
        inputs = self._inputs
        index_url = self._index_url(index)
        second_indexes.refuse_second_indexes(self._find_second_indexes(index_url), index_url)
        reader = self._connect(index)
        is_default = inputs.default_index == "true" or (
            inputs.default_index == "auto" and reader.is_virtual
        )
        public = self._check_names(reader) if is_default else PublicNames()
        handover = Handover(
            environment,
            index.label,
            index_url,
            inputs.index_name or self._index_name(index),
            is_default,
            reader.expires_at,
        )
        self._hand_over(handover, reader)
        self._runner.add_summary(describe(handover, public.names, public.checked or {}))
        until = f" until {handover.end}" if handover.end else ""
        self._runner.log(f"Logged in to {index.label} for the environment {environment}{until}")

    def _report(self, settings: Settings, environment: str, index: ReadableIndex) -> None:
        """Tell which private packages are installed; an index that cannot be read stops nothing."""
        inputs, own_name = self._inputs, self._own_name(settings)
        installed = list_installed(inputs.python, self._workspace, self._environ)
        indexes = PackageIndexes(inputs.readers, self._environ, self._retries, self._runner)
        report = ReportedVersions()
        try:
            packages = indexes.of(environment)
            private = packages.projects() if packages else {}
            versions = {name: version for name, version in installed.items() if name in private}
            report = ReportedVersions(versions).without(own_name)
            problem = "" if report.versions else explain_absence(inputs.python, own_name, installed)
        except DistActionsError as error:
            problem = error.lines
        if problem:
            self._runner.annotate("warning", problem, title=_TITLE)
        self._runner.set_outputs({"private-dependencies": report.to_json()})
        self._runner.add_summary(
            f"### 🧪 Packages of {escape(index.label)} that are installed\n\n"
            f"{report.table() or 'None.'}\n"
        )

    def _own_name(self, settings: Settings) -> str:
        """Name the project that is tested; empty where no file of the checkout says it."""
        tag, suffixes = self._event.tag, settings.environments.suffixes
        package = package_of_tag(settings.packages, suffixes, tag) if tag else None
        project = ProjectFiles(self._workspace, self._inputs.package_path)
        return package.name if package else find_name(project)

    def _connect(self, index: ReadableIndex) -> Reader:
        lifetime = self._inputs.lifetime
        if isinstance(index, ArtifactRegistryTarget):
            return read_artifact_registry(
                index, self._environ, self._retries, self._runner, lifetime
            )
        return read_repository(index, self._retries, self._runner)

    def _check_names(self, reader: Reader) -> PublicNames:
        public = reader.find_public_names()
        if public.names:
            refusal = public.refusal()
            if self._inputs.on_public_names == "fail":
                raise refusal
            self._runner.annotate("warning", refusal.lines, title=_TITLE)
        return public

    def _hand_over(self, handover: Handover, reader: Reader) -> None:
        """Write the credential to a file that the runner removes with the job, and name it."""
        file = ""
        if reader.secret:
            text = add_to_netrc(
                self._read_netrc(), handover.index_url, reader.username, reader.secret
            )
            folder = self._environ.get("RUNNER_TEMP")
            if not folder:
                raise InputError(
                    "RUNNER_TEMP is empty, so there is no place for the credential.",
                    why="it is written to the folder that a runner empties at the end of a job.",
                    fix="run this action from a workflow, on GitHub or by `dist-sandbox rehearse`.",
                )
            # The folder is readable by its owner alone.
            path = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=folder), "netrc")
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
            self._require_readable(path, handover.index_url, reader.secret)
            file = str(path)
        self._runner.set_variables(handover.variables(file))
        self._runner.set_outputs(handover.outputs)

    def _require_readable(self, path: Path, index_url: str, secret: Secret) -> None:
        """Refuse a file that readers give up on, because of what stood in the job's own."""
        try:
            login = netrc.netrc(path).authenticators(urlsplit(index_url).hostname or "")
        except netrc.NetrcParseError:
            login = None
        if login is None or login[2] != secret.reveal():
            path.unlink()
            raise InputError(
                f"The job's own {self._own_netrc} is not of the form of .netrc, so no credential "
                "can be added to it.",
                why="installers ignore the whole file where a part of it cannot be read.",
                fix="correct it: each entry is `machine HOST login USER password PASSWORD`; or "
                "remove it before this step.",
                anchor="password",
            )

    @property
    def _own_netrc(self) -> Path:
        home = self._environ.get("HOME") or "/nonexistent"
        return Path(self._environ.get("NETRC") or Path(home, ".netrc"))

    def _read_netrc(self) -> str:
        """Read the credentials that installers had until now, which they keep."""
        try:
            return self._own_netrc.read_text(encoding="utf-8", errors="replace")
        except (OSError, RuntimeError):
            return ""

    def _find_second_indexes(self, index_url: str) -> Iterator[str]:
        yield from second_indexes.in_variables(self._environ, index_url)
        for file, text in read_pip_configurations(self._environ).items():
            yield from second_indexes.in_pip_configuration(str(file), text, index_url)
        for file in second_indexes.uv_configuration_files(self._environ):
            values = read_toml(self._workspace / file, str(file)) or {}
            yield from second_indexes.in_uv_settings(str(file), values, index_url)
        yield from find_in_project(self._workspace, self._inputs.package_path, index_url)

    def _index_url(self, index: ReadableIndex) -> str:
        if not isinstance(index, ArtifactRegistryTarget):
            return index.index_url
        endpoints = GoogleEndpoints.from_environ(self._environ)
        return endpoints.index_url(index.location, index.project_id, index.repository)

    def _index_name(self, index: ReadableIndex) -> str:
        in_artifact_registry = isinstance(index, ArtifactRegistryTarget)
        return choose_index_name(self._index_url(index), in_artifact_registry=in_artifact_registry)
