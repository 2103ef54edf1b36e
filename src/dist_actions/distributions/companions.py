"""What may lie beside distributions and is not published: hidden files, signatures, attestations.

Build tools and signers write them there.
"""

from pathlib import Path

from dist_actions.distributions.credential_names import is_credential_name

#: Endings of what signers write beside a file, behind its whole name.
_COMPANIONS = (".asc", ".sig", ".sigstore", ".sigstore.json", ".publish.attestation")
#: What pip or uv take for a distribution where files are linked, and what older tools did.
_ENDINGS = (
    *(".whl", ".egg", ".zip", ".tar", ".tgz", ".tbz", ".txz", ".tlz"),
    *(".tar.gz", ".tar.bz2", ".tar.xz", ".tar.lz", ".tar.lzma", ".tar.zst"),
)
_SHOWN = 10


def is_distribution_name(name: str) -> bool:
    """Tell whether a file is a distribution by the ending of its name, in any case."""
    return name.lower().endswith(_ENDINGS)


def is_passed_over(path: Path) -> bool:
    """Tell whether a file is hidden, or a companion of a distribution by its name.

    A file of credentials is none: it must not go along in an artifact, so it is refused.
    """
    if path.is_symlink() or not path.is_file() or is_credential_name(path.name):
        return False
    return path.name.startswith(".") or any(
        path.name.endswith(ending) and is_distribution_name(path.name.removesuffix(ending))
        for ending in _COMPANIONS
    )


def describe_passed_over(folder: Path) -> str:
    """Say what of a folder is not published; empty where that is nothing."""
    names = [path.name for path in sorted(folder.iterdir()) if is_passed_over(path)]
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (
        f"passed over in {folder.name}, not published: {', '.join(names[:_SHOWN])}{more} "
        "(hidden files, and signatures and attestations beside distributions)"
    )
