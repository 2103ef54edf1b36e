"""`dist-actions init --apply` sets up GitHub's side of a repository."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from support.init.hosted import BOT, Apply, read_settings
from support.init.projects import PURE, Init, make_repository
from support.sandbox.fixtures import Sandbox, git

ENVIRONMENTS = ("automation", "dev", "qa", "prd")


def changes_of(sandbox: Sandbox) -> int:
    """Count the requests by which something was changed."""
    return sum(request.method != "GET" for request in sandbox.world.requests.since())


def policies(sandbox: Sandbox, environment: str) -> list[str]:
    path = f"environments/{environment}/deployment-branch-policies"
    shown = sandbox.request("GET", path, token=sandbox.user_token).json()
    return [row["name"] for row in shown["branch_policies"]]


def restrict(sandbox: Sandbox, environment: str, *patterns: str, **rules: Any) -> None:
    """Make an environment that lets in these tags."""
    limits = {"protected_branches": False, "custom_branch_policies": True}
    path, token = f"environments/{environment}", sandbox.user_token
    body = {"deployment_branch_policy": limits, **rules}
    assert sandbox.request("PUT", path, token=token, json=body).ok
    for pattern in patterns:
        body = {"name": pattern, "type": "tag"}
        path = f"environments/{environment}/deployment-branch-policies"
        assert sandbox.request("POST", path, token=token, json=body).ok


def test_a_new_repository_gets_all_that_its_workflows_need(
    hosted: Sandbox, apply: Apply, values: tuple[str, ...], tmp_path: Path
) -> None:
    done = apply("--yes", *BOT, *values)

    assert (done.status, done.stderr) == (0, "")
    assert (tmp_path / "project/.github/workflows/release.yml").is_file()
    repository = hosted.repository
    assert {ref.name for ref in repository.git.refs("refs/heads/")} == {
        f"refs/heads/{name}" for name in ("dev", "qa", "main")
    }
    assert tuple(repository.environments) == ENVIRONMENTS
    assert policies(hosted, "automation") == ["dev", "qa", "main", "v*"]
    assert policies(hosted, "prd") == ["v*[0-9]"]
    assert repository.environments["qa"].variables.values()["GCP_PROJECT_ID"] == "eigenoid-qa"
    app_id = hosted.app().app_id
    assert [
        (
            row.name,
            list(row.rules),
            list(row.include),
            [actor.actor_id for actor in row.bypass_actors],
        )
        for row in repository.rulesets
    ] == [
        ("Tags are made by the automation bot", ["creation"], ["refs/tags/v*"], [app_id]),
        ("Tags never move", ["update", "deletion"], ["refs/tags/v*"], []),
    ]


def test_a_second_run_changes_nothing_and_says_so(
    hosted: Sandbox, apply: Apply, values: tuple[str, ...], tmp_path: Path
) -> None:
    apply("--yes", *BOT, *values)
    before, changes = read_settings(hosted), changes_of(hosted)

    done = apply(*BOT, *values)

    assert (done.status, done.stderr) == (0, "")
    assert "On GitHub nothing is to be made or changed." in done.stdout
    assert (read_settings(hosted), changes_of(hosted)) == (before, changes)
    assert apply("--check").status == 0
    project = tmp_path / "project"
    commit = ("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "x")
    for arguments in (("add", "."), commit):
        git(*arguments, cwd=project)
    assert apply().stdout.endswith(
        "Nothing remains to be done: a new version that is pushed to dev is released.\n"
    )


def test_branches_start_at_one_that_is_there(hosted: Sandbox, apply: Apply) -> None:
    """The default branch may be one that nobody pushed."""
    git_of_server = hosted.repository.git
    main = hosted.branch_sha("main")
    git_of_server.git("update-ref", "refs/heads/dev", main)
    git_of_server.git("update-ref", "-d", "refs/heads/main")
    done = apply("--yes", *BOT)
    assert "Made branch main" in done.stdout
    assert {ref.sha for ref in git_of_server.refs("refs/heads/")} == {main}


def test_branches_of_an_empty_repository_come_after_the_first_push(
    hosted: Sandbox, apply: Apply
) -> None:
    hosted.repository.git.git("update-ref", "-d", "refs/heads/main")
    steps = " ".join(apply("--yes", *BOT).stdout.split()).partition("What remains")[2]
    assert "the repository has no commit" not in steps
    assert steps.endswith(
        "git push origin HEAD:dev - Then run the command again: it makes qa and main from its "
        "commit."
    )


@pytest.mark.parametrize("option", ["", "--dry-run", "--check"])
def test_nothing_is_changed_without_consent(
    hosted: Sandbox, apply: Apply, option: str, tmp_path: Path
) -> None:
    changes = changes_of(hosted)

    done = apply(*filter(None, [option]))

    assert "environment prd" in done.stdout
    assert done.status == {"": 2, "--dry-run": 0, "--check": 1}[option]
    assert ("Nothing was changed" in done.stderr) is (option == "")
    assert changes_of(hosted) == changes
    assert not (tmp_path / "project/.github").exists()


class Terminal(io.StringIO):
    """A keyboard at which somebody answers."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_a_person_is_asked_at_a_terminal(
    hosted: Sandbox, apply: Apply, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"1\n{answer}"))

    assert apply().status == status
    assert ("prd" in hosted.repository.environments) is (status == 0)


def test_what_nobody_said_is_named_not_invented(hosted: Sandbox, apply: Apply) -> None:
    done = apply("--yes", "--variable", "dev:AR_LOCATION=europe-west3", "--variable", "KIND=x")

    shown = done.stdout
    steps = " ".join(shown.split())
    assert "Say what AR_REPOSITORY, GCP_PROJECT_ID, GCP_SA_EMAIL, GCP_WIF_PROVIDER of dev" in steps
    assert "or all by --variables prd=FILE" in steps
    assert "/docs/setup.md shows." in steps
    assert "Say which App tags: --automation-app NAME" in shown
    environments = hosted.repository.environments
    assert environments["dev"].variables.values() == {"AR_LOCATION": "europe-west3"}
    assert environments["prd"].variables.values() == {}
    assert hosted.repository.variables.values()["KIND"] == "x"
    assert [row.name for row in hosted.repository.rulesets] == ["Tags never move"]


def test_secrets_are_only_named(hosted: Sandbox, apply: Apply) -> None:
    hosted.world.github.secrets.clear()

    done = apply("--yes")

    name = hosted.repository.full_name
    command = f"gh secret set RELEASER_BOT_PRIVATE_KEY --env prd --repo {name} <FILE"
    assert command in " ".join(done.stdout.split())
    assert hosted.repository.environments["prd"].secrets == {}


def test_an_environment_that_lets_everything_in_is_narrowed_and_keeps_its_reviewers(
    hosted: Sandbox, apply: Apply
) -> None:
    reviewer = hosted.control("POST", "users", {"login": "reviewer"})
    rules = {"reviewers": [{"type": "User", "id": reviewer["id"]}], "prevent_self_review": True}
    body = {**rules, "wait_timer": 5}
    hosted.request("PUT", "environments/prd", token=hosted.user_token, json=body)

    apply("--yes")

    prd = hosted.repository.environments["prd"]
    assert policies(hosted, "prd") == ["v*[0-9]"]
    assert [account.login for account in prd.reviewers] == ["reviewer"]
    assert (prd.prevent_self_review, prd.wait_timer_minutes) == (True, 5)


def test_what_an_environment_lets_in_becomes_less_at_most(hosted: Sandbox, apply: Apply) -> None:
    before = {"dev": [], "qa": ["v*"], "prd": ["v1.*"], "automation": ["v*", "x*"]}
    for name, patterns in before.items():
        restrict(hosted, name, *patterns)

    done = apply("--yes")

    assert policies(hosted, "dev") == ["v*[0-9]-dev"]  # as an interrupted run leaves it
    assert policies(hosted, "qa") == ["v*[0-9]-qa"]
    for kept in ("prd", "automation"):  # branches would have to be let in on top
        assert policies(hosted, kept) == before[kept]
        assert f"Let the environment {kept} admit only: " in done.stdout


def make_ruleset(sandbox: Sandbox, **changes: Any) -> None:
    """Make a ruleset that looks like the one that only lets the bot make tags."""
    ruleset = {
        "name": "Tags are made by the automation bot",
        "target": "tag",
        "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
        "rules": [{"type": "creation"}],
        "bypass_apps": ["automation-bot"],
        **changes,
    }
    sandbox.control("POST", "rulesets", ruleset)


def test_a_looser_ruleset_becomes_stricter(hosted: Sandbox, apply: Apply) -> None:
    administrators = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    make_ruleset(
        hosted,
        enforcement="disabled",
        bypass_actors=[administrators],
        conditions={"ref_name": {"include": ["~ALL"], "exclude": ["refs/tags/v0*"]}},
    )

    apply("--yes", *BOT)

    by_bot, _ = hosted.repository.rulesets
    assert by_bot.applies_to("refs/tags/v0.1.0", default_branch="main")
    assert [actor.actor_id for actor in by_bot.bypass_actors] == [hosted.app().app_id]


def test_a_stricter_ruleset_of_another_name_is_enough(hosted: Sandbox, apply: Apply) -> None:
    include = {"ref_name": {"include": ["~ALL"], "exclude": []}}
    make_ruleset(hosted, name="ours", conditions=include)

    apply("--yes", *BOT)

    assert [row.name for row in hosted.repository.rulesets] == ["ours", "Tags never move"]


def test_a_token_with_some_rights_does_what_it_may(
    hosted: Sandbox, apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = hosted.installation_token(permissions={"contents": "write"})
    monkeypatch.setenv("GH_TOKEN", token)

    done = apply("--yes")

    assert done.status == 1
    assert "GitHub refused to write the ruleset “Tags never move”" in done.stderr
    assert "2 of 3 changes were made before." in done.stderr
    assert "a fine-grained one needs administration: write" in done.stderr
    assert "run the command again: what is made stays" in done.stderr
    branches = {ref.name.rpartition("/")[2] for ref in hosted.repository.git.refs("refs/heads/")}
    assert branches == {"dev", "qa", "main"}
    unread = apply("--check")
    assert "environment prd" in unread.stderr  # which the token may not read


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--variable", "AR_LOCATION"], "is no name with a value"),
        (["--variable", "stage:AR_LOCATION=x"], "names no environment of the workflows"),
        (["--variable", "dev:AR_PLACE=x"], "No job in the environment dev reads the variable"),
        (["--variables", "dev"], "is no environment with a file"),
        (["--variables", "dev=/nowhere.txt"], "No such file"),
        (["--automation-app", "nobody"], "There is no GitHub App 'nobody'"),
        (["--repository", "eigenoid/other"], "your token cannot see eigenoid/other"),
        (["--variable", "dev:AR_LOCATION=a", "--variable", "Dev:ar_location=b"], "says twice what"),
        (["--variables", "dev=a.txt", "--variables", "DEV=b.txt"], "says twice what dev is"),
        ([*BOT, "--releaser-app", "automation-bot"], "name the same App"),
    ],
)
def test_an_unusable_option_is_explained_before_anything_is_done(
    hosted: Sandbox, apply: Apply, options: list[str], problem: str, tmp_path: Path
) -> None:
    done = apply("--yes", *options)

    assert done.status != 0
    assert problem in done.stderr
    assert list(hosted.repository.environments) == []
    assert not (tmp_path / "project/.github").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--yes"],
        ["--repository", "a/b"],
        ["--variable", "dev:A=b"],
        ["--variables", "dev=a.txt"],
        ["--automation-app", "a"],
        ["--releaser-app", "a"],
    ],
)
def test_an_option_without_effect_is_refused(
    init: Init, tmp_path: Path, options: list[str]
) -> None:
    project = make_repository(tmp_path / "project", PURE)

    done = init(project, *options)

    assert (done.status, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"dist-actions: {options[0]} has no effect without --apply.\nWhy: "
    )
    assert not (project / ".github").exists()
