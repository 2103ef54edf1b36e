"""Let twine check a distribution's metadata, as an index will.

Twine reads whole archives. It is given one that holds nothing but the metadata, so that neither
the size nor the contents of the real one matter.
"""

import io
import logging
import re
import tarfile
import tempfile
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twine.exceptions import TwineException
from twine.package import PackageFile

from dist_actions.errors import BuildError

_LOGGER = logging.getLogger("twine.commands.check")
#: Types of which twine's check has nothing to say, since their rendering cannot fail.
_ALWAYS_RENDERED = frozenset({"text/markdown", "text/plain"})
_NO_DESCRIPTION = "`long_description` missing."
_NO_CONTENT_TYPE = "`long_description_content_type` missing. defaulting to `text/x-rst`."
#: A heading or a fence at the beginning of a line is Markdown, and text like any other in
#: reStructuredText.
_MARKDOWN = re.compile(rb"^(#{1,6} \S|```)", re.MULTILINE)


def check_metadata(file_name: str, metadata: bytes) -> tuple[str, ...]:
    """Refuse metadata or a description that an index would refuse, or could not render.

    Args:
        file_name: Of the distribution.
        metadata: Its METADATA or PKG-INFO.

    Returns:
        Warnings: that there is no description, or one whose type is left open and that is read
        rightly nevertheless.

    Raises:
        BuildError: The metadata are not valid; the message holds what twine says.
    Spec: https://twine.readthedocs.io/en/stable/#twine-check
    """
    messages = _Messages()
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
        path = Path(folder, file_name)
        _write(path, metadata)
        _LOGGER.addHandler(messages)
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                _check(path)
        except (TwineException, ValueError) as error:
            messages.texts.append(str(error))
        finally:
            _LOGGER.removeHandler(messages)
    if _NO_DESCRIPTION in messages.texts:
        return (
            "The project has no long description (`readme` in pyproject.toml): its page on an "
            "index will be empty.",
        )
    if messages.texts == [_NO_CONTENT_TYPE] and not _MARKDOWN.search(metadata):
        return (
            "The metadata do not say the type of the description: indexes take it for "
            "reStructuredText.",
        )
    if messages.texts:
        raise _refuse(file_name, " ".join(messages.texts))
    return ()


def _check(path: Path) -> None:
    """Let twine check it, which says what it finds in its log.

    Raises:
        TwineException: The metadata are not valid.
    """
    metadata = PackageFile.from_filename(str(path), comment=None).metadata
    kind = str(metadata.get("description_content_type", "")).partition(";")[0].strip().lower()
    if kind in _ALWAYS_RENDERED and metadata.get("description", "").strip():
        return
    # Imported for what needs it: docutils takes a quarter of the time that a small publication has.
    from twine.commands.check import check  # noqa: PLC0415

    check([str(path)])


def _refuse(file_name: str, message: str) -> BuildError:
    return BuildError(
        f"The metadata is not valid: {file_name}: {message[:500]}",
        why="a field of the metadata or the markup of the description is wrong.",
        fix="run `twine check --strict dist/*` after a build, and correct what it names; a "
        "README.md needs the content type text/markdown.",
        anchor="metadata",
    )


class _Messages(logging.Handler):
    """What twine logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self.texts.append(" ".join(record.getMessage().split()))


def _write(path: Path, metadata: bytes) -> None:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("project.dist-info/METADATA", metadata)
        return
    with tarfile.open(path, "w:gz") as sdist:
        folder = tarfile.TarInfo("project")
        folder.type = tarfile.DIRTYPE
        sdist.addfile(folder)
        member = tarfile.TarInfo("project/PKG-INFO")
        member.size = len(metadata)
        sdist.addfile(member, io.BytesIO(metadata))
