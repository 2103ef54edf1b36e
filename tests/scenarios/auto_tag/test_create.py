"""auto-tag makes an annotated tag by the bot, once."""

from pathlib import Path

from sandbox_fixtures import Sandbox, commit_file, git
from stage_fixtures import StageRunner, app_inputs


def test_absent_tag_is_created(sandbox: Sandbox, checkout: Path, run_stage: StageRunner) -> None:
    commit_file(checkout, "pyproject.toml", '[project]\nname = "p"\nversion = "1.0.0"\n')
    git("push", "-q", "origin", "HEAD:dev", cwd=checkout)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=checkout)

    assert result.exit_status == 0, result.log
    print(result)
