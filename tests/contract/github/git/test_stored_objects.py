"""What is read without git is what git says."""

from pathlib import Path

import pytest

from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.git.objects import read_commit

_LOG = "%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%cn%x1f%ce%x1f%ct%x1f%B"
_PERSON = b"committer C <c@d> 5 +0000"


@pytest.fixture
def bare(tmp_path: Path) -> BareRepository:
    """A repository with the branches `main`, of two commits, and `dev`, of one."""
    git = BareRepository.create(tmp_path / "r.git", default_branch="main")
    root = write(git, b"author A <a@b> 1 +0000")
    git.update_ref("refs/heads/dev", root)
    git.update_ref("refs/heads/main", write(git, b"author A <a@b> 2 +0000", parents=(root,)))
    return git


def write(
    git: BareRepository, author: bytes, *further: bytes, parents=(), message: bytes = b"m\n"
) -> str:
    tree = git.git("hash-object", "-t", "tree", "-w", "--stdin")
    head = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    content = b"\n".join([*head, author, _PERSON, *further]) + b"\n\n" + message
    command = ("hash-object", "--literally", "-t", "commit", "-w", "--stdin")
    return git.git(*command, stdin=content)


@pytest.mark.parametrize(
    ("author", "further", "message"),
    [
        (b"author A B <a@b> 1700000000 +0230", (), b"subject\n\n  body  \n\n"),
        (b"author  <a@b> 5 +0000", (), b""),
        (b"author <a@b> 5 +0000", (), b"\n\nlate\n"),
        (b"author A<a@b> 5 +0000", (), b"m"),
        (b"author A   <a@b>  5 +0000", (), b"m"),
        (b"author A <B> <a@b> 5 +0000", (), b"m"),
        (b"author A <<a@b>> 5 +0000", (), b"m"),
        (b"author A\rparent " + b"a" * 40 + b" <a@b> 5 +0000", (), b"m"),
        (b"author A <a@b> 5 +0000", (b"parent " + b"a" * 40,), b"m"),
        (b"author J\xf6rg <a@b> 5 +0000", (b"encoding ISO-8859-1",), b"gr\xfc\xdfe"),
        (b"author J\xf6rg <a@b> 5 +0000", (b"encoding undefined",), b"a\\nb"),
        (b"author A <a@b> 5 +0000", (b"encoding unicode_escape",), b"a\\nb"),
        (b"author A <a@b> 5 +0000", (b"gpgsig -----BEGIN\n x\n \n -----END",), b"m\x1e\xc2\x85"),
        (b"author A <a@b> 5 +0000", (), b"seen\0unseen"),
    ],
)
def test_a_commit_is_read_as_by_git(
    bare: BareRepository, author: bytes, further: tuple[bytes, ...], message: bytes
) -> None:
    parent = bare.git("rev-parse", "main")
    sha = write(bare, author, *further, parents=(parent,), message=message)
    for _ in range(2):
        commit = read_commit(bare, sha)
        printed = bare.read("log", f"--format={_LOG}", "-1", sha).decode("utf-8", "replace")
        assert printed.rstrip("\n").split("\x1f") == [
            commit.tree_sha,
            " ".join(commit.parents),
            commit.author.name,
            commit.author.email,
            str(commit.author.timestamp),
            commit.committer.name,
            commit.committer.email,
            str(commit.committer.timestamp),
            commit.message,
        ]
        pack(bare, sha)


def pack(git: BareRepository, sha: str) -> None:
    """Move an object, and all refs, to where they are not files of their own."""
    git.git("pack-objects", str(git.path / "objects" / "pack" / "pack"), stdin=sha.encode() + b"\n")
    git.git("prune-packed")
    git.git("pack-refs", "--all")


def test_ancestors_are_those_of_git(bare: BareRepository) -> None:
    main, dev = (bare.git("rev-parse", branch) for branch in ("main", "dev"))
    parent = b"parent " + main.encode()
    forged = (
        write(bare, b"author A\r" + parent + b"\rx <a@b> 5 +0000", parents=(dev,)),
        write(bare, b"author A <a@b> 5 +0000", parent, parents=(dev,)),
    )
    assert not any(bare.is_ancestor(main, commit) for commit in forged)
    assert bare.is_ancestor(dev, main)
    assert bare.list_between(dev, main) == [main]
    pack(bare, main)
    assert bare.is_ancestor(dev, main)
    assert not bare.is_ancestor(main, dev)
    assert bare.list_between(dev, main) == [main]


@pytest.mark.parametrize("packed", [False, True])
def test_a_ref_has_one_name(bare: BareRepository, packed: bool) -> None:
    main = bare.git("rev-parse", "main")
    if packed:
        pack(bare, main)
    assert bare.read_ref("refs/heads/main") == bare.resolve_commit("main") == main
    for name in ("heads/main/", "heads//main", "heads/./main", "heads/other", "heads"):
        assert bare.read_ref(f"refs/{name}") is None
        assert bare.ref(f"refs/{name}") is None
        assert bare.resolve_commit(f"refs/{name}") is None
    assert bare.resolve_commit("main~1") == bare.git("rev-parse", "dev")
    assert bare.resolve_commit("main/") is None


def test_names_that_are_no_text_leave_the_others_readable(bare: BareRepository) -> None:
    main = bare.git("rev-parse", "main")
    for name in (b"j\xf6rg", "a\u2028b".encode(), "a\x85b".encode()):
        command = b"create refs/heads/" + name + b" " + main.encode() + b"\n"
        bare.git("update-ref", "--stdin", stdin=command)
    names = {"dev", "main", "j\ufffdrg", "a\u2028b", "a\x85b"}
    for _ in range(2):
        assert {ref.name.removeprefix("refs/heads/") for ref in bare.refs("refs/")} == names
        assert {bare.read_ref(f"refs/heads/{name}") for name in names - {"dev"}} == {main}
        pack(bare, main)
