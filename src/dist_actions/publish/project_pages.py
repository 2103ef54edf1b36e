"""Addresses of indexes that are those of a project's page, which lies below; pure."""

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.errors import InputError
from dist_actions.indexes.targets import RepositoryTarget, Target


def refuse_project_pages(
    targets: Sequence[Target], project: NormalizedName, previous_index: str = ""
) -> None:
    """Refuse an index whose address ends in the project's name.

    Args:
        targets: Where is published to.
        project: What is published.
        previous_index: The index that is compared with; empty for none.

    Raises:
        InputError: The page of the project would be looked for below its own page.
    """
    repositories = [target for target in targets if isinstance(target, RepositoryTarget)]
    addresses = [("index-url", target.index_url) for target in repositories]
    for name, address in [*addresses, ("previous-index", previous_index)]:
        parent, _, last = address.rstrip("/").rpartition("/")
        if urlsplit(address).path.strip("/") and canonicalize_name(unquote(last)) == project:
            raise InputError(
                f"The input {name} ends in the project's name: {address}",
                why="it is the address of the whole index, below which each project has a page; "
                "here it is already the page of this project.",
                fix=f"write {parent}/",
                anchor="index-url",
            )
