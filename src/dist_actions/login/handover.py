"""What the rest of the job is given: addresses in variables, the credential in one file; pure.

The file has the form of `.netrc`, which pip, uv, poetry, pdm, hatch and `build` all read where the
variable `NETRC` says. So the credential stands in no address, and with it in no lock file, no
`direct_url.json`, no output of `pip freeze` and no error message.
Spec: https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlsplit

from dist_actions.errors import DOCUMENTATION, InputError
from dist_actions.identity.secret import Secret
from dist_actions.markdown import code, escape

#: What all readers of such files take for one word.
_WORD = re.compile(r"[!$-&(-\[\]-~][!#-&(-\[\]-~]*", re.ASCII)
GUIDE = f"{DOCUMENTATION}/private-dependencies.md"


@dataclass(frozen=True)
class Handover:
    """A login for the rest of the job.

    Attributes:
        environment: Whose index it is.
        label: How messages name the index.
        index_url: Its address, without credentials.
        index_name: By which explicit sources call it.
        is_default: Whether installers take everything from it.
        expires_at: When the credential ends; None where nobody knows.
    """

    environment: str
    label: str
    index_url: str
    index_name: str
    is_default: bool
    expires_at: datetime | None = None

    @property
    def end(self) -> str:
        """Write when the credential ends; empty where nobody knows."""
        if self.expires_at is None:
            return ""
        return self.expires_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def outputs(self) -> dict[str, str]:
        """Return the step's outputs."""
        return {
            "environment": self.environment,
            "index-url": self.index_url,
            "index-name": self.index_name,
            "expires-at": self.end,
        }

    def variables(self, netrc: str) -> dict[str, str]:
        """Return the variables for the job's next steps.

        Args:
            netrc: Path of the file with the credential; empty for none.
        """
        addresses = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "PDM_PYPI_URL")
        given = dict.fromkeys(addresses, self.index_url) if self.is_default else {}
        return {**({"NETRC": netrc} if netrc else {}), **given}


def add_to_netrc(existing: str, index_url: str, username: str, secret: Secret) -> str:
    """Add a credential to the text of a `.netrc`; of two for one host all readers take the last.

    Raises:
        InputError: User or password hold what such a file cannot.
    """
    if not _WORD.fullmatch(username) or not _WORD.fullmatch(secret.reveal()):
        raise InputError(
            "The input username or password holds a space, a quote, a backslash, a character that "
            "is not ASCII, or # at its start.",
            why="pip, uv and poetry read it from a file of the form of .netrc, which cannot hold "
            "that for all of them.",
            fix="make a token for the index, and give that as password.",
            anchor="password",
        )
    host = urlsplit(index_url).hostname
    kept = f"{existing.rstrip()}\n\n" if existing.strip() else ""
    return f"{kept}machine {host} login {username} password {secret.reveal()}\n"


def describe(handover: Handover, public_names: tuple[str, ...], checked: Mapping[str, int]) -> str:
    """Write the job's summary.

    Args:
        public_names: Private names that the public index serves, too.
        checked: How many private names were asked about, by remote repository.
    """
    lines = [
        f"### 🔑 Logged in to {escape(handover.label)}\n",
        f"Packages of **{escape(handover.environment)}** from {code(handover.index_url)}"
        + (f", until {handover.end}.\n" if handover.end else ".\n"),
        _DEFAULT if handover.is_default else _explicit(handover),
    ]
    lines += [
        f"{count} private {'name' if count == 1 else 'names'} of {code(remote)} "
        f"{'was' if count == 1 else 'were'} looked for in the public index; "
        f"{len(public_names) or 'none'} {'is' if len(public_names) < 2 else 'are'} there, too.\n"
        for remote, count in checked.items()
    ]
    lines.append(f"[How private dependencies are installed]({GUIDE})\n")
    return "\n".join(lines)


_DEFAULT = (
    "pip, uv, pdm, hatch and `python -m build` take every package from it. poetry does so in a "
    "project that names it as its only source.\n"
)


def _explicit(handover: Handover) -> str:
    url, name = handover.index_url, handover.index_name
    return (
        "Installers have its credential, and still take packages from PyPI, because this index is "
        "no virtual repository and does not serve public ones. Name it where it is needed:\n\n"
        "```toml\n"
        "# uv\n"
        f'[[tool.uv.index]]\nname = "{name}"\nurl = "{url}"\nexplicit = true\n\n'
        "# poetry\n"
        f'[[tool.poetry.source]]\nname = "{name}"\nurl = "{url}"\npriority = "explicit"\n'
        "```\n\n"
        "With pip, in two steps; the second fetches what is missing from PyPI:\n\n"
        "```console\n"
        f"pip install --no-deps --index-url {url} NAME==VERSION\n"
        "pip install NAME==VERSION\n"
        "```\n"
    )
