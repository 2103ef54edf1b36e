"""The fields of an upload: those of the form itself, and the core metadata among them.

PyPI judges metadata by these fields, not by what the file says inside.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_type_hints

from packaging.metadata import ExceptionGroup, Metadata, RawMetadata
from werkzeug.datastructures import MultiDict

from dist_actions.distributions.pypi_rules.metadata_rules import find_metadata_problems
from dist_sandbox.pypi.answers import help_url, refuse

#: Endings of file names by what `filetype` says.
ENDINGS = {"sdist": (".tar.gz", ".zip"), "bdist_wheel": (".whl",)}

#: Which wrong field is reported first; the others' errors often follow from these.
_FIRST_FIELDS = ("metadata-version", "name", "version")
_SPECIFICATION = "See the core metadata specification for more information."

_NAME = re.compile(r"[A-Z0-9]([A-Z0-9._-]*[A-Z0-9])?", re.ASCII | re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_DIGESTS = ("md5_digest", "sha256_digest", "blake2_256_digest")

#: Fields whose names in the form are not those that `packaging` gives them.
_FORM_NAMES = {
    "platforms": "platform",
    "supported_platforms": "supported_platform",
    "license_files": "license_file",
    "import_names": "import_name",
    "import_namespaces": "import_namespace",
}
_KINDS = get_type_hints(RawMetadata)


def check_form(form: MultiDict[str, str]) -> None:
    """Refuse an upload whose form is not what the protocol says."""
    if form.get("protocol_version", "1") != "1":
        refuse(400, "Unknown protocol version.")
    errors = dict(_field_errors(form)) or dict(_combination_errors(form))
    if not errors:
        return
    field = "name" if "name" in errors else min(errors)
    text = errors[field]
    if field == "name":
        value = form.get("name", "")
        shown = value if len(value) <= 60 else f"{value[:30]}...{value[-30:]}"
        refuse(400, f"{shown!r} is an invalid value for Name. Error: {text} {_SPECIFICATION}")
    refuse(400, f"Invalid value for {field}. Error: {text}" if field else f"Error: {text}")


def read_metadata(form: MultiDict[str, str]) -> Metadata:
    """Read the core metadata in an upload's fields; refuse what is wrong with them."""
    raw, unreadable = _raw_metadata(form)
    _refuse_first(unreadable)
    try:
        metadata = Metadata.from_raw(RawMetadata(**raw))  # type: ignore[typeddict-item]
    except ExceptionGroup as group:
        _refuse_first([(getattr(error, "field", ""), str(error)) for error in group.exceptions])
        raise
    _refuse_first([(problem.field, problem.text) for problem in find_metadata_problems(metadata)])
    return metadata


def check_description(metadata: Metadata) -> None:
    """Refuse a description that cannot be rendered: reStructuredText alone can be that wrong."""
    kind = metadata.description_content_type
    if not metadata.description or (kind or "text/x-rst").partition(";")[0].strip() != "text/x-rst":
        return
    # Imported for what needs it: docutils takes longer to load than the sandbox itself.
    from readme_renderer import rst  # noqa: PLC0415

    if rst.render(metadata.description) is None:
        where = f"for {kind!r}." if kind else "in the default format of reStructuredText."
        refuse(
            400,
            f"The description failed to render {where} See {help_url('description-content-type')} "
            "for more information.",
        )


def _field_errors(form: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    name, kind = form.get("name", ""), form.get("filetype", "")
    if not name:
        yield "name", "This field is required."
    elif not _NAME.fullmatch(name):
        yield "name", "Start and end with a letter or numeral containing only ASCII ones and '._-'."
    if not kind:
        yield "filetype", "This field is required."
    elif kind not in ENDINGS:
        yield "filetype", "Use a known file type."
    for field in _DIGESTS[1:]:
        if form.get(field) and not _DIGEST.fullmatch(form[field]):
            algorithm = field.partition("_")[0].upper()
            yield field, f"Use a valid, hex-encoded, {algorithm} message digest."


def _combination_errors(form: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    python = form.get("pyversion", "")
    if form["filetype"] != "sdist" and not python:
        yield "pyversion", "Python version is required for binary distribution uploads."
    elif form["filetype"] == "sdist" and python not in {"", "source"}:
        yield "pyversion", "Use 'source' as Python version for an sdist."
    elif not any(form.get(field) for field in _DIGESTS):
        yield "", "Include at least one message digest."


def _raw_metadata(form: MultiDict[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Sort the fields as `packaging` wants them; with an error for each that cannot be read."""
    raw: dict[str, Any] = {}
    errors = []
    for name, kind in _KINDS.items():
        field = _FORM_NAMES.get(name, name)
        values = form.getlist(field)
        if values in ([], [""]):
            continue
        if name == "project_urls":
            pairs = [[part.strip() for part in value.partition(",")[::2]] for value in values]
            raw[name] = dict(pairs)
            readable = len(raw[name]) == len(pairs)
        elif name == "keywords":
            raw[name] = [keyword.strip() for keyword in values[0].split(",")]
            readable = len(values) == 1
        elif kind is str:
            raw[name], readable = values[0], len(values) == 1
        else:
            raw[name], readable = values, True
        if not readable:
            errors.append((field, f"{field!r} has invalid data"))
    return raw, errors


def _refuse_first(errors: Sequence[tuple[str, str]]) -> None:
    """Refuse an upload for the most important of its errors, if it has any."""
    if errors:
        _, text = min(errors, key=lambda error: _importance(error[0]))
        refuse(400, f"{text.rstrip('.')}. {_SPECIFICATION}")


def _importance(field: str) -> tuple[int, str]:
    rank = _FIRST_FIELDS.index(field) if field in _FIRST_FIELDS else len(_FIRST_FIELDS)
    return rank, field
