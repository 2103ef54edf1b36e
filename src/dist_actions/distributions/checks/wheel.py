"""Check one wheel: the ZIP, its names, `.dist-info`, `.data`, WHEEL and RECORD.

Spec: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from email.parser import HeaderParser
from pathlib import Path
from typing import BinaryIO

from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from dist_actions.distributions.checks import limits
from dist_actions.distributions.checks.credential_files import CredentialSearch
from dist_actions.distributions.checks.errors import hostile, malformed, quoted
from dist_actions.distributions.checks.member_names import MemberNames
from dist_actions.distributions.checks.record import (
    parse_record,
    require_same_digests,
    require_same_members,
)
from dist_actions.distributions.checks.zip_contents import digests, member_chunks
from dist_actions.distributions.checks.zip_directory import ZipDirectory, ZipMember
from dist_actions.versions.parsing import parse_version

#: Folders that an installer knows below `.data`.
_SCHEMES = {"purelib", "platlib", "headers", "scripts", "data"}
#: What lies there is installed beside the other modules.
_MODULES_OF_DATA = re.compile(r"[^/]+\.data/(purelib|platlib)/(?P<path>.+)", re.IGNORECASE)
_OTHER_METADATA = re.compile(
    r"([^/]+\.data/((purelib|platlib)/|data/(.*/)?site-packages/)[^/]+\.dist-info"
    r"|([^/]+\.data/((purelib|platlib)/|data/(.*/)?site-packages/))?[^/]+\.egg-info)(/|$)",
    re.IGNORECASE,
)
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")


def check_wheel(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """Read a wheel once from beginning to end, and refuse what must not be published.

    Returns:
        Its METADATA, and warnings to annotate, a sentence each.

    Raises:
        ReleaseError: It is damaged, hostile or holds credentials.
        BuildError: It is no valid wheel.
    """
    with path.open("rb") as file:
        members = ZipDirectory(file, path.name, path.stat().st_size).members()
        return _Wheel(path, file, members).check()


class _Wheel:
    def __init__(self, path: Path, file: BinaryIO, members: Sequence[ZipMember]) -> None:
        self._path = path
        self._name = path.name
        self._file = file
        self._members = members
        self._files = {member.name: member for member in members if not member.is_folder}

    def check(self) -> tuple[bytes, tuple[str, ...]]:
        """Check the members, as `check_wheel` says."""
        search = CredentialSearch(self._name)
        self._check_names(search)
        info = self._dist_info()
        self._check_other_metadata()
        self._check_data(info)
        metadata = self._metadata_file(f"{info}/METADATA")
        self._check_tags(self._metadata_file(f"{info}/WHEEL"))
        self._check_record(info)
        for member in self._files.values():
            if search.wants_content(member.name, member.size_bytes):
                search.look_at_content(member.name, self._content(member))
        return metadata, search.warnings

    def _check_names(self, search: CredentialSearch) -> None:
        names = MemberNames(self._name, fold=True)
        for member in self._members:
            kind = stat.S_IFMT(member.mode)
            expected = stat.S_IFDIR if member.is_folder else stat.S_IFREG
            if kind not in {0, expected}:
                problem = "link" if kind == stat.S_IFLNK else "file of a special kind"
                raise hostile(self._name, f"its member {quoted(member.name)} is a {problem}")
            if member.is_folder:
                names.add(member.name[:-1], is_folder=True)
                continue
            names.add(member.name)
            if below := _MODULES_OF_DATA.match(member.name):
                names.add(below["path"])  # where it is installed, on top of whatever is there
            search.look_at_name(member.name)
        names.finish()

    def _top_folders(self, suffix: str) -> set[str]:
        tops = {member.name.partition("/")[0] for member in self._members}
        return {top for top in tops if top.casefold().endswith(suffix)}

    def _dist_info(self) -> str:
        """Name the only `.dist-info`."""
        folders = sorted(self._top_folders(".dist-info"))
        if len(folders) != 1:
            names = ", ".join(quoted(name) for name in folders[:3]) or "none"
            raise malformed(self._name, f"it must have one .dist-info, and has {names}")
        self._require_own_name(folders[0], ".dist-info")
        return folders[0]

    def _check_other_metadata(self) -> None:
        """Refuse what an installer, or whoever asks it, takes for another distribution."""
        for member in self._members:
            if _OTHER_METADATA.match(member.name):
                raise malformed(
                    self._name, f"its member {quoted(member.name)} is another distribution's"
                )

    def _require_own_name(self, folder: str, suffix: str) -> None:
        project, version, _, _ = parse_wheel_filename(self._name)
        name, _, folder_version = folder.removesuffix(suffix).rpartition("-")
        if (canonicalize_name(name), parse_version(folder_version)) != (project, version):
            raise malformed(
                self._name, f"its folder {quoted(folder)} is of another name or version"
            )

    def _check_data(self, info: str) -> None:
        expected = f"{info.removesuffix('.dist-info')}.data"
        for folder in self._top_folders(".data"):
            if folder != expected:
                raise malformed(
                    self._name, f"its folder {quoted(folder)} is not {quoted(expected)}"
                )
        for member in self._members:
            top, _, below = member.name.partition("/")
            scheme, _, rest = below.partition("/")
            if (
                top == expected
                and below
                and (scheme not in _SCHEMES or not (rest or member.is_folder))
            ):
                raise malformed(
                    self._name, f"no installer knows where {quoted(member.name)} belongs"
                )

    def _metadata_file(self, name: str) -> bytes:
        member = self._files.get(name)
        if member is None:
            raise malformed(self._name, f"it has no {quoted(name)}")
        if member.size_bytes > limits.METADATA_BYTES:
            raise hostile(self._name, f"{quoted(name)} is larger than any real one")
        return self._content(member)

    def _content(self, member: ZipMember) -> bytes:
        return b"".join(member_chunks(self._file, self._name, member))

    def _check_tags(self, content: bytes) -> None:
        headers = HeaderParser().parsestr(content.decode("utf-8", errors="replace"))
        if str(headers["Wheel-Version"]).partition(".")[0].strip() != "1":
            raise malformed(self._name, "its WHEEL does not say Wheel-Version 1.x")
        _, _, build, tags = parse_wheel_filename(self._name)
        inside = frozenset(_tags(str(tag) for tag in headers.get_all("Tag", [])))
        if inside != tags:
            names = ", ".join(sorted(str(tag) for tag in inside)[:5]) or "none"
            raise malformed(
                self._name, f"the tags in its WHEEL are not those of its name: {names[:200]}"
            )
        build_inside = headers["Build"]
        if build_inside is not None and str(build_inside).strip() != "".join(
            str(part) for part in build
        ):
            raise malformed(self._name, "the build number in its WHEEL is not that of its name")

    def _check_record(self, info: str) -> None:
        record = f"{info}/RECORD"
        member = self._files.get(record)
        if member is None:
            raise malformed(self._name, f"it has no {quoted(record)}")
        if member.size_bytes > limits.RECORD_BYTES:
            raise hostile(self._name, "its RECORD is larger than any real one")
        try:
            text = self._content(member).decode("utf-8")
        except UnicodeDecodeError as error:
            raise malformed(self._name, "its RECORD is not UTF-8") from error
        unhashed = {record, *(f"{info}/{name}" for name in _SIGNATURES)}
        entries = parse_record(self._name, text, unhashed)
        hashed = {name: file for name, file in self._files.items() if name not in unhashed}
        sizes = {name: file.size_bytes for name, file in hashed.items()}
        require_same_members(self._name, entries, sizes)
        algorithms: Mapping[str, str] = {name: entry.algorithm for name, entry in entries.items()}
        actual = digests(self._path, tuple(hashed.values()), algorithms)
        require_same_digests(self._name, entries, actual)


def _tags(lines: Iterator[str]) -> Iterator[Tag]:
    for line in lines:
        if line.count("-") == 2:
            yield from parse_tag(line)
