"""Checks one wheel: the ZIP, its names, `.dist-info`, `.data`, WHEEL and RECORD.

Spec: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import stat
from collections.abc import Iterator, Mapping, Sequence
from email.parser import HeaderParser
from pathlib import Path
from typing import BinaryIO

from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from dist_actions.distributions.checks import limits
from dist_actions.distributions.checks.checked import CheckedArchive
from dist_actions.distributions.checks.credential_files import CredentialSearch
from dist_actions.distributions.checks.errors import hostile, malformed, shown
from dist_actions.distributions.checks.member_names import MemberNames
from dist_actions.distributions.checks.record import (
    parse_record,
    require_same_digests,
    require_same_members,
)
from dist_actions.distributions.checks.zip_contents import digests, member_chunks
from dist_actions.distributions.checks.zip_directory import ZipDirectory, ZipMember

#: Folders that an installer knows below `.data`.
_SCHEMES = {"purelib", "platlib", "headers", "scripts", "data"}
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")


def check_wheel(path: Path) -> CheckedArchive:
    """Read a wheel once from beginning to end, and refuse what must not be published.

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
        self._files = {one.name: one for one in members if not one.is_folder}

    def check(self) -> CheckedArchive:
        search = CredentialSearch(self._name)
        self._check_names(search)
        info = self._dist_info()
        self._check_data(info)
        metadata = self._metadata_file(f"{info}/METADATA")
        self._check_tags(self._metadata_file(f"{info}/WHEEL"))
        self._check_record(info)
        for member in self._files.values():
            if search.wants_content(member.name, member.size_bytes):
                search.look_at_content(member.name, self._content(member))
        return CheckedArchive(metadata, search.warnings)

    def _check_names(self, search: CredentialSearch) -> None:
        names = MemberNames(self._name, fold=True)
        for member in self._members:
            kind = stat.S_IFMT(member.mode)
            wanted = stat.S_IFDIR if member.is_folder else stat.S_IFREG
            if kind not in {0, wanted}:
                what = "link" if kind == stat.S_IFLNK else "file of a special kind"
                raise hostile(self._name, f"its member {shown(member.name)} is a {what}")
            if member.is_folder:
                names.add(member.name[:-1], is_folder=True)
                continue
            names.add(member.name)
            search.look_at_name(member.name)
        names.finish()

    def _top_folders(self, suffix: str) -> set[str]:
        tops = {name.partition("/")[0] for name in (one.name for one in self._members)}
        return {top for top in tops if top.casefold().endswith(suffix)}

    def _dist_info(self) -> str:
        """The name of the only `.dist-info`."""
        found = sorted(self._top_folders(".dist-info"))
        if len(found) != 1:
            listed = ", ".join(shown(name) for name in found[:3]) or "none"
            raise malformed(self._name, f"it must have one .dist-info, and has {listed}")
        self._require_own_name(found[0], ".dist-info")
        return found[0]

    def _require_own_name(self, folder: str, suffix: str) -> None:
        project, version, _, _ = parse_wheel_filename(self._name)
        name, _, written = folder.removesuffix(suffix).rpartition("-")
        try:
            fits = (canonicalize_name(name), Version(written)) == (project, version)
        except InvalidVersion:
            fits = False
        if not fits:
            raise malformed(self._name, f"its folder {shown(folder)} is of another name or version")

    def _check_data(self, info: str) -> None:
        expected = f"{info.removesuffix('.dist-info')}.data"
        for found in self._top_folders(".data"):
            if found != expected:
                raise malformed(self._name, f"its folder {shown(found)} is not {shown(expected)}")
        for member in self._members:
            top, _, below = member.name.partition("/")
            scheme, _, rest = below.partition("/")
            if (
                top == expected
                and below
                and (scheme not in _SCHEMES or not (rest or member.is_folder))
            ):
                raise malformed(
                    self._name, f"no installer knows where {shown(member.name)} belongs"
                )

    def _metadata_file(self, name: str) -> bytes:
        member = self._files.get(name)
        if member is None:
            raise malformed(self._name, f"it has no {shown(name)}")
        if member.size_bytes > limits.METADATA_BYTES:
            raise hostile(self._name, f"{shown(name)} is larger than any real one")
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
            listed = ", ".join(sorted(str(tag) for tag in inside)[:5]) or "none"
            raise malformed(
                self._name, f"the tags in its WHEEL are not those of its name: {listed[:200]}"
            )
        written = headers["Build"]
        if written is not None and str(written).strip() != "".join(str(part) for part in build):
            raise malformed(self._name, "the build number in its WHEEL is not that of its name")

    def _check_record(self, info: str) -> None:
        own = f"{info}/RECORD"
        member = self._files.get(own)
        if member is None:
            raise malformed(self._name, f"it has no {shown(own)}")
        if member.size_bytes > limits.RECORD_BYTES:
            raise hostile(self._name, "its RECORD is larger than any real one")
        try:
            text = self._content(member).decode("utf-8")
        except UnicodeDecodeError as error:
            raise malformed(self._name, "its RECORD is not UTF-8") from error
        unhashed = {own, *(f"{info}/{name}" for name in _SIGNATURES)}
        entries = parse_record(self._name, text, unhashed)
        listed = {name: one for name, one in self._files.items() if name not in unhashed}
        sizes = {name: one.size_bytes for name, one in listed.items()}
        require_same_members(self._name, entries, sizes)
        algorithms: Mapping[str, str] = {name: one.algorithm for name, one in entries.items()}
        found = digests(self._path, tuple(listed.values()), algorithms)
        require_same_digests(self._name, entries, found)


def _tags(lines: Iterator[str]) -> Iterator[Tag]:
    for line in lines:
        if line.count("-") == 2:
            yield from parse_tag(line)
