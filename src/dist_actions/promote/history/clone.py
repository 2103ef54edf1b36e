"""A bare clone for one promotion: fetch both ends of it, and push its branch.

Everything happens in a bare repository of its own. The workspace's checkout is never used: whoever
wrote to its configuration could send the token elsewhere.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from dist_actions.errors import GitError, PromotionError, WorkflowsPermissionError
from dist_actions.identity.credentials import GIT_USER
from dist_actions.identity.secret import Secret
from dist_actions.promote.history.commits import Ends
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.history.reading import list_commits, resolve_commit
from dist_actions.promote.promotion import Commit, Promotion
from dist_actions.promote.selection import Selection
from dist_actions.services.git.checkout import Git
from dist_actions.services.git.remote import GitRemote
from dist_actions.services.retries import Retries

_TAGS, _HEADS = "refs/tags/", "refs/heads/"
#: Where fetched refs are kept, apart from what git itself makes.
_LOCAL = "refs/promotion/"
#: Rewrites of addresses in somebody's configuration must not see the token.
_NO_OTHER_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
#: The repository lives as long as the run, so nothing in it need survive a loss of power.
_SETTINGS = {"core.fsync": "none"}


class PromotionClone:
    """A bare repository that holds the source's and the target's history.

    Args:
        folder: New and empty.
        environ: The job's environment.
        url: The repository on GitHub, for git.
        token: May read it.
        retries: How patient requests are; None for a single try.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        url: str,
        token: Secret,
        retries: Retries | None = None,
    ) -> None:
        self._folder = folder
        self._retries = retries
        self._environ = environ
        self._url = url
        self.git = self._with_token(token)
        self.git.run("init", "--quiet", "--bare", "--template=")

    def with_variables(self, variables: Mapping[str, str]) -> Git:
        """Return the repository with variables of git's own, and without a credential."""
        return Git(self._folder, self._environ, _SETTINGS, {**_NO_OTHER_SETTINGS, **variables})

    def list_tags(self) -> dict[str, str]:
        """List every tag with its commit, in one request however many there are."""
        tags = {}
        for name, sha in self._list_refs(f"{_TAGS}*").items():
            # Of an annotated tag, its own object is listed first and its commit after it.
            tags[name.removeprefix(_TAGS).removesuffix("^{}")] = sha
        return tags

    def fetch(self, selection: Selection, monorepo: Monorepo) -> tuple[Promotion, Ends]:
        """Fetch the tags, the target's branch, and the promotion's branch where there is one.

        Also the source's branch: what is newer there than the tag, was not made in the target.

        Raises:
            PromotionError: A tag or the target's branch does not exist, or none of the tags'
                commits holds all others.
        """
        branches = {
            selection.promotion(tag, monorepo.tags.get(tag, "")).branch for tag in selection.tags
        }
        required = [f"{_TAGS}{tag}" for tag in selection.tags]
        required.append(f"{_HEADS}{selection.target.branch}")
        source = f"{_HEADS}{selection.source.branch}"
        optional = [*(f"{_HEADS}{branch}" for branch in sorted(branches)), source]
        present = self._list_refs(*required, *optional, f"{_TAGS}*")
        tags = [ref.removeprefix(_TAGS) for ref in present if not ref.endswith("^{}")]
        newest, same_version = selection.released_before(tags)
        if same_version:
            optional.append(f"{_TAGS}{same_version}")
        for ref in required:
            if ref not in present:
                raise _missing_ref(ref, selection)
        refspecs = [f"+{ref}:{_local(ref)}" for ref in dict.fromkeys([*required, *optional])]
        existing = [spec for spec in refspecs if spec[1:].partition(":")[0] in present]
        options = ("--quiet", "--no-tags", "--end-of-options")
        self._remote(self.git).run("fetch both branches", "fetch", *options, self._url, *existing)
        commit, tag = self._newest(selection)
        ends = Ends(
            source=commit,
            target=resolve_commit(self.git, _local(f"{_HEADS}{selection.target.branch}")),
            branch=resolve_commit(self.git, _local(source)) if source in present else "",
            newest=newest,
            same_version=_local(f"{_TAGS}{same_version}") if same_version else "",
        )
        return selection.promotion(tag, commit), ends

    def head(self, promotion: Promotion) -> Commit | None:
        """Return the tip of the promotion's branch; None where there is none."""
        ref = _local(f"{_HEADS}{promotion.branch}")
        exists = self.git.succeeds("rev-parse", "--verify", "--quiet", ref)
        return list_commits(self.git, "--max-count=1", ref)[0] if exists else None

    def push(self, commit: str, promotion: Promotion, token: Secret) -> None:
        """Set the promotion's branch, unless somebody moved it since it was fetched.

        Raises:
            WorkflowsPermissionError: A commit changes a workflow file, and the token may not.
            PromotionError: Somebody did, or GitHub refuses the push for another reason.
        """
        head = self.head(promotion)
        self.push_branch(promotion.branch, commit, head.sha if head else "", token)

    def tip(self, branch: str) -> str:
        """Read the commit of a branch as it is now; empty where there is no such branch."""
        return self._list_refs(f"{_HEADS}{branch}").get(f"{_HEADS}{branch}", "")

    def push_branch(self, branch: str, commit: str, present: str, token: Secret) -> None:
        """Set a branch, unless somebody moved it meanwhile.

        Args:
            branch: Its name.
            commit: What it points to then.
            present: What it points to now; empty where there is no such branch.
            token: May write.

        Raises:
            WorkflowsPermissionError: A commit changes a workflow file, and the token may not.
            PromotionError: It was moved, or GitHub refuses the push for another reason.
        """
        ref = f"{_HEADS}{branch}"
        lease = f"--force-with-lease={ref}:{present}"
        try:
            # Made twice, it finds the branch as it wants it.
            options = ("--quiet", lease, "--end-of-options")
            remote = self._remote(self._with_token(token))
            remote.run(f"push {branch}", "push", *options, self._url, f"{commit}:{ref}")
        except GitError as error:
            # Its answer was lost, and curl sent it once more; or another run made the same commit.
            if self.tip(branch) != commit:
                raise _push_refused(branch, error) from error

    def _list_refs(self, *patterns: str) -> dict[str, str]:
        refs = self._remote(self.git).list_refs("list branches", self._url, *patterns)
        return {name: sha for name, sha in refs.items() if name.startswith("refs/")}

    def _newest(self, selection: Selection) -> tuple[str, str]:
        """Find the one commit among those of the tags that holds all others, and its tag."""
        tags = {
            resolve_commit(self.git, _local(f"{_TAGS}{tag}")): tag
            for tag in reversed(selection.tags)
        }
        newest = [*tags]
        if len(tags) > 1:
            newest = self.git.run("merge-base", "--independent", *tags).split()
        if len(newest) > 1:
            raise _unrelated(selection)
        return newest[0], tags[newest[0]]

    def _remote(self, git: Git) -> GitRemote:
        return GitRemote(git, self._retries)

    def _with_token(self, token: Secret) -> Git:
        basic = base64.b64encode(f"{GIT_USER}:{token.reveal()}".encode()).decode()
        header = {f"http.{self._url}.extraHeader": f"Authorization: Basic {basic}"}
        return Git(self._folder, self._environ, {**_SETTINGS, **header}, _NO_OTHER_SETTINGS)


def _local(ref: str) -> str:
    return ref.replace("refs/", _LOCAL, 1)


def _missing_ref(ref: str, selection: Selection) -> PromotionError:
    if ref.startswith(_TAGS):
        name = f"{selection.package.name} " if selection.package else ""
        return PromotionError(
            f"There is no tag {ref.removeprefix(_TAGS)}.",
            why=f"{name}{selection.version} was not released in {selection.source.name}.",
            fix=f"push to {selection.source.branch} and wait for its release.",
            anchor="promote-nothing",
        )
    return PromotionError(
        f"There is no branch {selection.target.branch}.",
        why=f"it is the branch of {selection.target.name}.",
        fix=f"create it: git push origin COMMIT:refs/heads/{selection.target.branch}, "
        "or correct the environments.",
        anchor="environments",
    )


def _unrelated(selection: Selection) -> PromotionError:
    return PromotionError(
        f"No commit holds the newest releases of all packages: {', '.join(selection.tags)}.",
        why=f"they were tagged on lines of {selection.source.branch} that do not meet.",
        fix="release one package on a commit that holds all of them, or promote one package with "
        "the input `package`.",
        anchor="promote-unreleased",
    )


def _push_refused(branch: str, error: GitError) -> Exception:
    problem = f"The branch {branch} could not be pushed: {error.what}"
    if "`workflows` permission" in error.what:
        return WorkflowsPermissionError(
            problem,
            why="the version changes a file in .github/workflows.",
            fix="give the GitHub App the permission Workflows: read and write, and approve it.",
            anchor="workflows-permission",
        )
    return PromotionError(
        problem,
        why="somebody moved it meanwhile, or a rule protects it.",
        fix="run the job again; else give the App Contents: read and write, and let it "
        "bypass the rule.",
        anchor="promote-push",
    )
