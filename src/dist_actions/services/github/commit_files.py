"""Files and folders of one commit as GitHub holds them, and where a tag is, in one request.

Nothing is checked out. Symbolic links are not followed: whatever stands behind one is refused.
Spec: https://docs.github.com/en/graphql/reference/objects#tree
"""

import base64
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from dist_actions.abbreviation import short_sha
from dist_actions.errors import ReleaseError
from dist_actions.pipeline.git_trees import ROOT, TreeEntry
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.graphql import GraphQL
from dist_actions.services.json_fields import items, sha, text

_PEELED = "target { oid ... on Tag { target { oid } } }"
_BLOB = "... on Blob { isBinary isTruncated text }"
_TREE = "... on Tree { entries { nameRaw mode oid } }"


@dataclass(frozen=True)
class CommitFiles:
    """What was read of a commit.

    Attributes:
        tagged_sha: Commit of the tag, peeled; empty where there is no such tag.
        tree_sha: Tree of the commit, 40 hex digits; empty where there is no such commit.
        committed_at: When it was made, in seconds since the epoch.
        texts: The text of each file that was asked for and is there, by path.
        folders: Entries of each folder on the way to these files, by path, `.` for the root.
    """

    tagged_sha: str
    tree_sha: str
    committed_at: int
    texts: Mapping[str, str]
    folders: Mapping[str, Sequence[TreeEntry]]


def read_commit_files(
    client: GitHubClient, tag: str, commit_sha: str, paths: Iterable[str]
) -> CommitFiles:
    """Read files of a commit, with the folders on the way to them, and where a tag is.

    Args:
        client: Its token needs to read contents.
        commit_sha: 40 hex digits.
        paths: Of files below the repository's root.

    Raises:
        ReleaseError: A file, or a folder on the way to it, is a symbolic link; or a file is no
            text, or so long that GitHub cuts it.
        GitHubApiError: GitHub refused.
    """
    files = list(dict.fromkeys(map(_normal, paths)))
    folders = list(dict.fromkeys(folder for path in files for folder in _folders_of(path)))
    variables = {"ref": f"refs/tags/{tag}"}
    fields = [
        f"ref(qualifiedName: $ref) {{ {_PEELED} }}",
        "commit: object(expression: $commit) { ... on Commit { committedDate tree { oid } } }",
    ]
    variables["commit"] = commit_sha
    for letter, form, places in (("f", _BLOB, files), ("d", _TREE, folders)):
        for number, path in enumerate(places):
            name = f"{letter}{number}"
            variables[name] = f"{commit_sha}:{'' if path == ROOT else path}"
            fields.append(f"{name}: object(expression: ${name}) {{ {form} }}")
    operation = f"read the settings at {short_sha(commit_sha)}"
    parse = partial(_commit_files, files=files, folders=folders)
    return GraphQL(client).repository(operation, " ".join(fields), parse, variables)


def _commit_files(data: Any, files: Sequence[str], folders: Sequence[str]) -> CommitFiles:
    """Read the answer; what does not exist in the commit is null there."""
    commit = data["commit"] or {}
    entries_by_folder = {path: _entries(data[f"d{number}"]) for number, path in enumerate(folders)}
    texts = {}
    for number, path in enumerate(files):
        blob = data[f"f{number}"] or {}
        if _is_plain_file(path, entries_by_folder):
            texts[path] = _text(path, blob)
    return CommitFiles(
        tagged_sha=_tagged_sha(data["ref"]),
        tree_sha=sha(commit["tree"]["oid"]) if commit else "",
        committed_at=_seconds(commit["committedDate"]) if commit else 0,
        texts=texts,
        folders=entries_by_folder,
    )


def _normal(path: str) -> str:
    return str(PurePosixPath(path))


def _folders_of(path: str) -> list[str]:
    """List the folders on the way to a file, from the root on."""
    return [str(folder) for folder in reversed(PurePosixPath(path).parents)]


def _entries(tree: Mapping[str, Any] | None) -> tuple[TreeEntry, ...]:
    entries = items((tree or {}).get("entries") or [])
    return tuple(
        TreeEntry(base64.b64decode(entry["nameRaw"]), int(entry["mode"]), sha(entry["oid"]))
        for entry in entries
    )


def _is_plain_file(path: str, folders: Mapping[str, Sequence[TreeEntry]]) -> bool:
    """Tell whether a path is a file of the commit.

    Raises:
        ReleaseError: It is a symbolic link, or a folder on the way to it is one.
    """
    mode = 0
    for place in (*_folders_of(path)[1:], path):
        parent, name = str(PurePosixPath(place).parent), PurePosixPath(place).name.encode()
        entries = folders.get(parent, ())
        mode = next((entry.mode for entry in entries if entry.name == name), 0)
        if stat.S_ISLNK(mode):
            raise _unusable(place, "is a symbolic link", "put the file or folder itself there")
    return stat.S_ISREG(mode)


def _text(path: str, blob: Mapping[str, Any]) -> str:
    content = blob.get("text")
    if blob.get("isTruncated"):
        raise _unusable(path, "is longer than GitHub shows", "shorten it")
    if blob.get("isBinary") or not isinstance(content, str):
        raise _unusable(path, "is no text", "save it as UTF-8")
    return content


def _tagged_sha(ref: Mapping[str, Any] | None) -> str:
    target = (ref or {}).get("target") or {}
    peeled = target.get("target") or target
    return str(peeled.get("oid") or "")


def _seconds(time: Any) -> int:
    """Read a time as GitHub writes it; Python 3.10 does not know its `Z`."""
    return int(datetime.fromisoformat(text(time).replace("Z", "+00:00")).timestamp())


def _unusable(path: str, problem: str, remedy: str) -> ReleaseError:
    return ReleaseError(
        f"{path} {problem}.",
        why="the publishing job checks nothing out: it reads settings and the project's name as "
        "GitHub shows them.",
        fix=f"{remedy}, commit it, and release a new version.",
        anchor="not-of-this-run",
    )
