"""Reads both ends of a promotion from git, in a repository of its own, and pushes its branch.

The workspace's checkout is never used: whoever wrote to its configuration could send the token
elsewhere.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from dist_actions.edges.git import Git
from dist_actions.errors import GitError, PromotionError, WorkflowsPermissionError
from dist_actions.promote.planning import Commit, Observed, Promotion, link_message
from dist_actions.secret import Secret

_SOURCE = "refs/promotion/source"
_TARGET = "refs/promotion/target"
_HEAD = "refs/promotion/head"
#: Rewrites of addresses in somebody's configuration must not see the token.
_NO_OTHER_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_FORMAT = "%H%x00%T%x00%P%x00%B%x00%x00"


class Histories:
    """A bare repository that holds the source's and the target's history.

    Args:
        folder: New and empty.
        environ: The job's environment.
        url: The repository on GitHub, for git.
        token: May read it.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], url: str, token: Secret) -> None:
        self._folder = folder
        self._environ = environ
        self._url = url
        self._git = self._with_token(token)
        self._git.run("init", "--quiet", "--bare")

    def fetch(self, promotion: Promotion) -> None:
        """Fetch the tag, the target's branch, and the promotion's branch where there is one.

        Raises:
            PromotionError: The tag or the target's branch does not exist.
        """
        wanted = {
            f"refs/tags/{promotion.tag}": _SOURCE,
            f"refs/heads/{promotion.target.branch}": _TARGET,
            f"refs/heads/{promotion.branch}": _HEAD,
        }
        listed = self._git.run("ls-remote", "--end-of-options", self._url, *wanted)
        present = {line.split("\t")[1] for line in listed.splitlines() if "\t" in line}
        for ref, local in wanted.items():
            if ref not in present and local != _HEAD:
                raise _missing(ref, promotion)
        refspecs = [f"+{ref}:{local}" for ref, local in wanted.items() if ref in present]
        self._git.run("fetch", "--quiet", "--no-tags", "--end-of-options", self._url, *refspecs)

    def observe(self) -> Observed:
        """What `planning` decides on.

        Raises:
            PromotionError: The histories have no commit in common.
        """
        source, target = self._commit(_SOURCE), self._commit(_TARGET)
        contained = self._git.succeeds("merge-base", "--is-ancestor", source, target)
        if not self._git.succeeds("merge-base", source, target):
            raise PromotionError(
                "Source and target have no commit in common.",
                why="one of the branches was started anew.",
                fix="merge one into the other once, by hand, with --allow-unrelated-histories.",
                anchor="own-changes",
            )
        parted = self._git.run("merge-base", source, target)
        history = self._git.run("log", "--format=%H %T", source, "--").split()
        return Observed(
            source_commit=source,
            source_tree=self._git.tree(source),
            target_commit=target,
            target_tree=self._git.tree(target),
            contained=contained,
            merged_tree=self._merged_tree(target, source),
            target_commits=self._log("--first-parent", f"{parted}..{target}"),
            source_history=frozenset(history[::2]),
            source_trees=frozenset(history[1::2]),
        )

    def head(self) -> Commit | None:
        """Tip of the promotion's branch; None where there is none."""
        found = self._git.succeeds("rev-parse", "--verify", "--quiet", _HEAD)
        return self._log("--max-count=1", _HEAD)[0] if found else None

    def subjects(self, observed: Observed, limit: int) -> tuple[Commit, ...]:
        """The newest commits that the promotion brings to the target."""
        return self._log(
            "--no-merges",
            f"--max-count={limit}",
            f"{observed.target_commit}..{observed.source_commit}",
        )

    def link(self, promotion: Promotion, observed: Observed) -> str:
        """Make the link commit; making it again gives the same one.

        Spec: https://git-scm.com/docs/git-commit-tree
        """
        when = self._git.run("show", "-s", "--format=%cI", observed.source_commit)
        identity = {"name": "dist-actions", "email": "dist-actions@users.noreply.github.com"}
        stamped = {
            f"{role}.{key}": value
            for role in ("author", "committer")
            for key, value in identity.items()
        }
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        git = Git(self._folder, self._environ, stamped, {**_NO_OTHER_SETTINGS, **dates})
        return git.run(
            "commit-tree",
            *["-p", observed.source_commit, "-p", observed.target_commit],
            observed.source_tree,
            stdin=link_message(promotion, observed),
        )

    def push(self, commit: str, promotion: Promotion, token: Secret) -> None:
        """Set the promotion's branch, unless somebody moved it since it was fetched.

        Raises:
            WorkflowsPermissionError: A commit changes a workflow file, and the token may not.
            PromotionError: Somebody did, or GitHub refuses the push for another reason.
        """
        head = self.head()
        ref = f"refs/heads/{promotion.branch}"
        lease = f"--force-with-lease={ref}:{head.sha if head else ''}"
        try:
            self._with_token(token).run(
                "push", "--quiet", lease, "--end-of-options", self._url, f"{commit}:{ref}"
            )
        except GitError as error:
            what = f"The branch {promotion.branch} could not be pushed: {error.what}"
            if "`workflows` permission" in error.what:
                raise WorkflowsPermissionError(
                    what,
                    why="the version changes a file in .github/workflows.",
                    fix="give the GitHub App the permission Workflows: read and write, and "
                    "approve it.",
                    anchor="workflows-permission",
                ) from error
            raise PromotionError(
                what,
                why="somebody moved it meanwhile, or a rule protects it.",
                fix="run the job again; else give the App Contents: read and write, and let it "
                "bypass the rule.",
                anchor="promote-push",
            ) from error

    def _commit(self, ref: str) -> str:
        return self._git.run("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")

    def _merged_tree(self, target: str, source: str) -> str | None:
        if not self._git.succeeds("merge-tree", "--write-tree", target, source):
            return None
        return self._git.run("merge-tree", "--write-tree", target, source).partition("\n")[0]

    def _log(self, *arguments: str) -> tuple[Commit, ...]:
        text = self._git.run("log", f"--format={_FORMAT}", *arguments, "--")
        records = (record.lstrip("\n").split("\0") for record in text.split("\0\0"))
        return tuple(
            Commit(fields[0], fields[1], tuple(fields[2].split()), fields[3])
            for fields in records
            if len(fields) == 4
        )

    def _with_token(self, token: Secret) -> Git:
        basic = base64.b64encode(f"x-access-token:{token.reveal()}".encode()).decode()
        header = {f"http.{self._url}.extraHeader": f"Authorization: Basic {basic}"}
        return Git(self._folder, self._environ, header, _NO_OTHER_SETTINGS)


def _missing(ref: str, promotion: Promotion) -> PromotionError:
    if ref.startswith("refs/tags/"):
        return PromotionError(
            f"There is no tag {promotion.tag}.",
            why=f"{promotion.version} was not released in {promotion.source.name}.",
            fix=f"push to {promotion.source.branch} and wait for its release.",
            anchor="promote-nothing",
        )
    return PromotionError(
        f"There is no branch {promotion.target.branch}.",
        why=f"it is the branch of {promotion.target.name}.",
        fix=f"create it: git push origin COMMIT:refs/heads/{promotion.target.branch}, "
        "or correct the environments.",
        anchor="environments",
    )
