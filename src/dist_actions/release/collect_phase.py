"""The phase `collect`: the files of one release that several jobs built, and their manifest."""

from collections.abc import Sequence
from pathlib import Path

from dist_actions.distributions.collecting import find_files, lay_flat, require_one_set
from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.manifest import Manifest
from dist_actions.distributions.normalising import normalise_file
from dist_actions.errors import ReleaseError
from dist_actions.indexes.targets import PyPITarget, Target
from dist_actions.release.build_phase import (
    BuildRequest,
    check_out,
    describe_built,
    require_tagged_version,
    write_manifest,
)
from dist_actions.release.packing import Packing
from dist_actions.release_plan.carrying import FileSource


def collect(
    request: BuildRequest, reason: str, targets: Sequence[Target], *, folder: Path
) -> tuple[Manifest, Packing]:
    """Take the files of several jobs together, as the phase `build` leaves its own.

    Args:
        targets: Where the files are to be published; PyPI's rules hold where it is among them.
        folder: Holds the files, or folders of them.

    Raises:
        ReleaseError: The files are not one set of the plan's version, or one must not be
            published.
        BuildError: An index would refuse one.
        GitError: The commit cannot be checked out.
    """
    files = find_files(folder)
    require_tagged_version([file.distribution for file in files], request.plan)
    distributions = require_one_set(files, request.kinds)
    lay_flat(files, folder, request.log)
    with check_out(request) as source:
        pass
    if request.normalise:
        for dist in distributions:
            normalise_file(folder / dist.name, source.epoch)
        distributions = scan_folder(folder)
    manifest, packing = describe_built(request, source, reason, folder, distributions)
    for target in targets:
        if isinstance(target, PyPITarget):
            # Imported for what needs it: lists of classifiers are of use for PyPI alone.
            from dist_actions.distributions.pypi_rules.acceptance import require_accepted  # noqa: PLC0415

            require_accepted(target.label, folder, distributions, new_project=False)
    write_manifest(manifest, folder)
    return manifest, packing


def refuse_part(source: FileSource, tag: str) -> None:
    """Refuse to build a part of a release whose files are carried as a whole.

    Raises:
        ReleaseError: They are.
    """
    if source.carried:
        raise ReleaseError(
            f"The files of {tag} are carried from {source.carried_from}, so no part of them is "
            "built.",
            why="the input distributions names one kind, and carried files are all or none.",
            fix="let this job run only where files are built, by `if: "
            "needs.plan.outputs.carried-manifest-sha256 == ''`; the phase collect downloads the "
            "carried files.",
            anchor="files-of-several-jobs",
        )
