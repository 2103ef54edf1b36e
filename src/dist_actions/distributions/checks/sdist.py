"""Check one sdist: the tar, its names and links, its only folder and PKG-INFO.

Spec: https://packaging.python.org/en/latest/specifications/source-distribution-format/
"""

import re
from pathlib import Path

from packaging.utils import InvalidSdistFilename, parse_sdist_filename

from dist_actions.distributions.checks import limits
from dist_actions.distributions.checks.credential_files import CredentialSearch
from dist_actions.distributions.checks.errors import hostile, malformed, quoted
from dist_actions.distributions.checks.gzip_stream import GzipStream
from dist_actions.distributions.checks.member_names import MemberNames
from dist_actions.distributions.checks.tar_members import TarMember, TarReader

_SUFFIX = ".tar.gz"
_DRIVE = re.compile(r"[A-Za-z]:")
#: Names that are the same file where case, full stops at the end, or streams do not count.
_OTHER_PKG_INFO = re.compile(r"(?!(?-i:PKG-INFO)$)PKG-INFO[. ]*(:.*)?$", re.IGNORECASE)


def check_sdist(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """Read an sdist once from beginning to end, and refuse what must not be published.

    Returns:
        Its PKG-INFO, and warnings to annotate, a sentence each.

    Raises:
        ReleaseError: It is damaged, hostile or holds credentials.
        BuildError: It is no valid sdist.
    """
    if not path.name.endswith(_SUFFIX):
        raise malformed(path.name, "an sdist is a .tar.gz since PEP 517, and nothing else")
    with path.open("rb") as file:
        stream = GzipStream(file, path.name, path.stat().st_size)
        return _Sdist(path.name, TarReader(stream, path.name)).check()


class _Sdist:
    def __init__(self, file_name: str, reader: TarReader) -> None:
        self._name = file_name
        self._reader = reader
        self._root = ""
        self._names = MemberNames(file_name, fold=False)
        self._files: set[str] = set()
        self._links: dict[str, str] = {}
        self._search = CredentialSearch(file_name)

    def check(self) -> tuple[bytes, tuple[str, ...]]:
        """Check the members, as `check_sdist` says."""
        metadata = None
        for count, (member, content) in enumerate(self._reader.members(self._wants), start=1):
            limits.refuse_many(self._name, count)
            self._take(member)
            if member.name == f"{self._root}/PKG-INFO" and member.kind == "file":
                metadata = content
            elif self._search.wants_content(member.name, member.size_bytes):
                self._search.look_at_content(member.name, content)
        # This refuses files below a link as well, since a link's name is no folder's.
        self._names.finish()
        links = {path.casefold() for path in self._links}
        for name, target in self._links.items():
            self._check_symbolic_link(name, target, links)
        if metadata is None:
            raise malformed(self._name, "it has no PKG-INFO in its folder")
        return metadata, self._search.warnings

    def _wants(self, member: TarMember) -> bool:
        """Tell whether to read the content; refuse metadata that is too large for it."""
        if member.kind != "file":
            return False
        if member.name.count("/") == 1 and member.name.endswith("/PKG-INFO"):
            if member.size_bytes > limits.METADATA_BYTES:
                raise hostile(self._name, "its PKG-INFO is larger than any real one")
            return True
        return self._search.wants_content(member.name, member.size_bytes)

    def _take(self, member: TarMember) -> None:
        self._names.add(member.name, is_folder=member.kind == "folder")
        root = member.name.partition("/")[0]
        if not self._root:
            self._require_own_name(root)
            self._root = root
        if root != self._root or (member.name == root and member.kind != "folder"):
            raise malformed(self._name, f"{quoted(member.name)} is not in its folder {self._root}")
        if member.kind == "file":
            self._files.add(member.name)
        elif member.kind == "hard link":
            self._check_hard_link(member)
        elif member.kind == "symbolic link":
            self._links[member.name] = member.target
        if _OTHER_PKG_INFO.match(member.name.partition("/")[2]):
            raise hostile(self._name, f"{quoted(member.name)} is its PKG-INFO too, on some systems")
        if member.kind != "folder":
            self._search.look_at_name(member.name)

    def _require_own_name(self, root: str) -> None:
        expected = parse_sdist_filename(self._name)
        try:
            fits = parse_sdist_filename(f"{root}{_SUFFIX}") == expected
        except InvalidSdistFilename:
            fits = False
        if not fits:
            raise malformed(self._name, f"its folder {quoted(root)} is of another name or version")

    def _check_hard_link(self, member: TarMember) -> None:
        """Refuse a hard link to anything but a file that came before it."""
        if member.target not in self._files:
            raise hostile(self._name, f"the link {quoted(member.name)} is to no file before it")
        self._files.add(member.name)

    def _check_symbolic_link(self, name: str, target: str, links: set[str]) -> None:
        """Follow a link part by part, since a part that is a link itself could lead elsewhere."""
        link = f"the link {quoted(name)}"
        if not target or target.startswith("/") or "\\" in target or _DRIVE.match(target):
            raise hostile(self._name, f"{link} is to an absolute path, or to none")
        if not target.isprintable():
            raise hostile(self._name, f"{link} has a control character in its target")
        folder = name.split("/")[:-1]
        for part in target.split("/"):
            if "/".join(folder).casefold() in links:
                raise hostile(self._name, f"{link} leads through another link")
            if part == "..":
                folder = folder[:-1]
            elif part not in {"", "."}:
                folder.append(part)
            if not folder or folder[0] != self._root:
                raise hostile(self._name, f"{link} leads out of its folder")
