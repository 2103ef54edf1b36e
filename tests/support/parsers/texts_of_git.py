"""Parsers of what git prints, and of what messages of commits and pull requests say."""

import itertools
import re
import subprocess
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from dist_actions.promote.history.reading import list_commits, resolve_commit
from dist_actions.promote.promotion import Commit
from dist_actions.services.git.checkout import Git
from dist_actions.trailers.commit_messages import (
    PromotionTrailers,
    find_promised_tree,
    is_about_environments,
    read_back_merges,
    read_promotion_trailers,
)
from dist_actions.trailers.pull_request_body import BEGIN, END, read_body_trailers
from support.parsers.annotated_types import check_types
from support.parsers.parser import Parser
from support.parsers.texts import decoded, texts

_SHA = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_MESSAGES = texts(
    [
        "Promoted-From: ",
        "Promoted-Tree: ",
        "Promoted-To: ",
        "Back-merged-From: ",
        "a1" * 20,
        "\n",
        "chore: promote sample 1.0 to ",
        "Merge pull request #7 from o/promote/",
        "qa",
        "-to-qa",
        " ",
        "\n\n",
        "\r\n",
        BEGIN,
        END,
        "Promoted-Version: 1.0",
        "* ",
        "\t",
        "(#12)",
    ]
)


def _read(message: str) -> tuple[PromotionTrailers, ...]:
    find_promised_tree(message, "qa")
    is_about_environments(message)
    assert all(_SHA.fullmatch(sha) for sha in read_back_merges(message))
    for name, value in read_body_trailers(message).items():
        assert "\n" not in name + value
    return read_promotion_trailers(message)


def _stand_there(message: str, promotions: tuple[PromotionTrailers, ...]) -> None:
    check_types(promotions)
    for trailers in promotions:
        assert f"Promoted-From: {trailers.source}" in message
        assert not re.search(r"\s", trailers.source + trailers.tree + trailers.target)


def _list(messages: list[str]) -> tuple[Commit, ...]:
    """Let git itself write and list commits with these messages."""
    with tempfile.TemporaryDirectory() as folder:
        git = Git(Path(folder), {"PATH": "/usr/bin:/bin"})
        git.run("init", "--quiet", "--bare", ".")
        stream = b""
        for message in messages:
            data = message.encode("utf-8", errors="surrogatepass")
            stream += b"commit refs/heads/main\ncommitter a <a@b> 1700000000 +0000\n"
            stream += b"data %d\n%s\n" % (len(data), data)
        subprocess.run(
            ["git", "fast-import", "--quiet"],
            cwd=folder,
            input=stream,
            check=True,
            capture_output=True,
        )
        commits = list_commits(git, "refs/heads/main")
        assert resolve_commit(git, "refs/heads/main") == commits[0].sha
        return commits


def _are_as_written(messages: list[str], commits: tuple[Commit, ...]) -> None:
    check_types(commits)
    assert len(commits) == len(messages)
    for commit, parent in itertools.pairwise(commits):
        assert commit.parents == (parent.sha,)
    for commit, message in zip(reversed(commits), messages, strict=True):
        data = message.encode("utf-8", errors="surrogatepass").decode("utf-8", errors="replace")
        assert " ".join(commit.message.split()) == " ".join(data.split())


PARSERS = (
    Parser(
        "trailers",
        (read_promotion_trailers, read_back_merges, read_body_trailers, find_promised_tree),
        _MESSAGES,
        _read,
        _stand_there,
        from_bytes=decoded,
    ),
    Parser(
        "commits of git",
        (list_commits, resolve_commit),
        st.lists(_MESSAGES.map(lambda text: text.replace("\0", "")), min_size=1, max_size=3),
        _list,
        _are_as_written,
    ),
)
