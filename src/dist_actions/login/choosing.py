"""Choose the environment whose index a job reads, and refuse jobs that get none; pure."""

import re

from dist_actions.errors import IdentityError, InputError
from dist_actions.indexes.environment_indexes import IndexReaders, ReadableIndex
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.packages import package_of_tag
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import ParsedTag, TagFormat

_FIELD = re.compile(r"\{(version|suffix|name)[^{}]*\}")
_FIELD_PATTERNS = {"version": ".+?", "suffix": ".*", "name": "(?P<name>.+)"}


def refuse_fork(event: Event) -> None:
    """Refuse a pull request of a fork, whose code must read nothing private.

    Raises:
        IdentityError: The run is for one.
    """
    if event.from_fork:
        raise IdentityError(
            "A pull request from a fork does not log in to a private index.",
            why="whoever opens one would read every private package: its code runs in this job. "
            "GitHub offers such a job no ID token and no secret, either.",
            fix="leave the job out for forks, by "
            "`if: github.event.pull_request.head.repo.full_name == github.repository`; "
            "their tests run when a maintainer has pushed the branch here.",
            anchor="login-from-a-fork",
        )


def choose_environment(
    requested: str, event: Event, settings: Settings, readers: IndexReaders
) -> str:
    """Name the environment whose index is read.

    Args:
        requested: The input `environment`; empty for what the event is about.

    Raises:
        InputError: There is no such environment, or the event belongs to none.
    """
    if not readers:
        raise _no_readers()
    names = [stage.name for stage in settings.environments.stages]
    if requested:
        # Jobs without a checkout see no settings: the lines of `indexes` count as well.
        if requested not in {*names, *readers.environments}:
            raise InputError(
                f"The input environment is {requested!r}, and there is no such environment.",
                why=f"the settings have {', '.join(names)}.",
                fix=f"write one of {', '.join(names)}, or leave the input out.",
                anchor="login-environment",
            )
        return requested
    environment = _of_event(event, settings)
    if environment is None:
        raise InputError(
            f"{event.tag or event.base_branch or event.branch or event.ref} belongs to none of "
            f"the environments {', '.join(names)}.",
            why="without the input environment, the index follows from the run's tag or branch, or "
            "from the branch that a pull request is to be merged into. Settings in the repository "
            "count only once it is checked out.",
            fix=f"give the environment whose packages are needed, such as `environment: {names[0]}`"
            "; or check the repository out before this step.",
            anchor="login-environment",
        )
    return environment.name


def require_index(readers: IndexReaders, environment: str) -> ReadableIndex:
    """Return the environment's index.

    Raises:
        InputError: It has none.
    """
    index = readers.of(environment)
    if index is None:
        raise InputError(
            f"The environment {environment} has no index that can be read.",
            why=f"neither indexes nor what goes with it has a line for {environment}, or a value "
            "for all environments.",
            fix=f"add `{environment} = ADDRESS` to indexes, usually the variable INDEXES of the "
            "repository or the organisation.",
            anchor="login-index",
        )
    return index


def _no_readers() -> InputError:
    return InputError(
        "The input indexes is empty, so there is no index to log in to.",
        why="the variable INDEXES does not exist in the repository or its organisation, or the "
        "workflow does not pass it on. Variables of a GitHub Environment are seen only by jobs "
        "that name it.",
        fix="set INDEXES, READER_WIF_PROVIDER and READER_SA_EMAIL with `gh variable set`, and give "
        "them as indexes, workload-identity-provider and service-account.",
        anchor="login-index",
    )


def _of_event(event: Event, settings: Settings) -> Environment | None:
    chain = settings.environments
    if event.tag is not None:
        parsed = _parse(event.tag, settings)
        return chain.of_suffix(parsed.suffix) if parsed else None
    branch = event.base_branch if event.previews_merge else event.branch
    return chain.of_branch(branch) if branch else None


def _parse(tag: str, settings: Settings) -> ParsedTag | None:
    """Take a tag apart, whose project need not be known."""
    suffixes = settings.environments.suffixes
    package = package_of_tag(settings.packages, suffixes, tag)
    if package is not None:
        return package.tags(suffixes).parse(tag)
    pattern, at = "", 0
    for field in _FIELD.finditer(settings.tag_format):
        pattern += re.escape(settings.tag_format[at : field.start()]) + _FIELD_PATTERNS[field[1]]
        at = field.end()
    match = re.fullmatch(pattern + re.escape(settings.tag_format[at:]), tag)
    if settings.packages or match is None:
        return None
    name = match.groupdict().get("name", "")
    return TagFormat(settings.tag_format, name, suffixes).parse(tag)
