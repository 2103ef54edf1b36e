"""Write the query for the details of releases, and read its answer; pure.

A release that may have reached a branch is compared with it by history, since a merge brings the
commit itself, and by files, since a squash brings these alone.
"""

from collections.abc import Sequence
from typing import Any

from dist_actions.services.github.organisation.facts import (
    BranchFolder,
    ListedAsset,
    ReleaseDetails,
    ReleaseKey,
)
from dist_actions.services.json_fields import items, text

#: Files of one release.
_ASSETS = 100

DETAILS_FRAGMENT = (
    "fragment D on Release { description tagCommit { oid } "
    f"releaseAssets(first: {_ASSETS}) {{ nodes {{ name size digest }} }} }}"
)


class DetailsQuery:
    """The fields of a query for releases of any repositories.

    Attributes:
        fields: As GraphQL writes them; they name the variables.
        values: Of the variables, each a text.
    """

    def __init__(self, releases: Sequence[tuple[ReleaseKey, Sequence[BranchFolder]]]) -> None:
        self.values: dict[str, str] = {}
        self._releases = releases
        fields: dict[str, list[str]] = {}
        for number, ((name, tag), folders) in enumerate(releases):
            self.values[f"t{number}"] = tag
            of_release = [f"t{number}: release(tagName: $t{number}) {{ ...D }}"]
            of_release += [
                self._compare(f"{number}_{place}", tag, folder)
                for place, folder in enumerate(folders)
            ]
            fields.setdefault(name, []).extend(of_release)
        self._repositories = {name: f"r{number}" for number, name in enumerate(fields)}
        for number, name in enumerate(fields):
            self.values[f"o{number}"], _, self.values[f"n{number}"] = name.partition("/")
        self.fields = " ".join(
            f"r{number}: repository(owner: $o{number}, name: $n{number}) {{ {' '.join(inner)} }}"
            for number, inner in enumerate(fields.values())
        )

    def _compare(self, alias: str, tag: str, folder: BranchFolder) -> str:
        branch, released = f"refs/heads/{folder.branch}", f"refs/tags/{tag}"
        self.values |= {
            f"b{alias}": branch,
            f"c{alias}": released,
            f"x{alias}": f"{branch}:{folder.path}",
            f"y{alias}": f"{released}:{folder.path}",
        }
        return (
            f"b{alias}: ref(qualifiedName: $b{alias}) "
            f"{{ compare(headRef: $c{alias}) {{ aheadBy }} }} "
            f"x{alias}: object(expression: $x{alias}) {{ oid }} "
            f"y{alias}: object(expression: $y{alias}) {{ oid }}"
        )

    def parse(self, data: Any) -> dict[ReleaseKey, ReleaseDetails]:
        """Read the answer; releases that are gone by now are left out."""
        details = {}
        for number, (key, folders) in enumerate(self._releases):
            repository = data[self._repositories[key[0]]]
            branches = frozenset(
                folder.branch
                for place, folder in enumerate(folders)
                if _holds(repository, f"{number}_{place}")
            )
            if release := repository[f"t{number}"]:
                details[key] = _details(release, branches)
        return details


def _holds(repository: Any, alias: str) -> bool:
    """Tell whether a branch holds the commit of a release, or the same files."""
    ref, there, released = (repository[f"{letter}{alias}"] for letter in "bxy")
    comparison = ref["compare"] if ref else None
    if comparison and int(comparison["aheadBy"]) == 0:
        return True
    return bool(there and released) and text(there["oid"]) == text(released["oid"])


def _details(node: Any, branches: frozenset[str]) -> ReleaseDetails:
    return ReleaseDetails(
        notes=str(node["description"] or ""),
        commit_sha=text((node["tagCommit"] or {"oid": ""})["oid"]),
        assets=tuple(
            ListedAsset(
                text(asset["name"]),
                int(asset["size"]),
                str(asset["digest"] or "").removeprefix("sha256:"),
            )
            for asset in items(node["releaseAssets"]["nodes"])
        ),
        branches=branches,
    )
