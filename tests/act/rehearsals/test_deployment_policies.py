"""A rehearsal lets a tag into the GitHub Environment of its own stage alone, as GitHub does."""

import json
from pathlib import Path

from support.act.rehearse_command import copy_sample, rehearse


def test_a_forged_environment_is_stopped_by_the_policy_alone(tmp_path: Path) -> None:
    """The job that publishes names production, as where a plan's output was forged."""
    project = copy_sample(tmp_path / "a-project", one_job=True)
    release = project / ".github" / "workflows" / "release.yml"
    text = release.read_text()
    start, end = text.index("    environment:"), text.index("    permissions: {contents")
    forging = (
        "  plan:\n    runs-on: ubuntu-latest\n    timeout-minutes: 5\n"
        "    outputs: {github-environment: '${{ steps.forge.outputs.it }}'}\n"
        '    steps:\n      - id: forge\n        run: echo it=prd >>"$GITHUB_OUTPUT"\n'
    )
    named = "    needs: plan\n    environment: ${{ needs.plan.outputs.github-environment }}\n"
    text = f"{text[:start]}{named}{text[end:]}"
    release.write_text(text.replace("jobs:\n", f"jobs:\n{forging}"))

    done = rehearse(project, tmp_path / "out", "--until", "dev")

    assert done.returncode == 1, done.stdout
    refusal = 'Tag "v0.5.0-dev" is not allowed to deploy to prd due to environment protection'
    assert refusal in done.stderr
    logs = {log.name: log.read_text() for log in (tmp_path / "out" / "logs").rglob("*.log")}
    assert "eigenoid/dist-actions/release" not in "".join(
        line for line in logs["release.log"].splitlines() if "(success" in line
    )


def test_the_report_shows_which_refs_each_environment_lets_in(tmp_path: Path) -> None:
    project = copy_sample(tmp_path / "a-project", one_job=True)
    done = rehearse(project, tmp_path / "out", "--until", "dev")
    assert done.returncode == 0, done.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["deployment_policies"] == {
        "automation": {"tags": ["v*"], "branches": ["dev", "qa", "main"]},
        "dev": {"tags": ["v*[0-9]-dev"], "branches": []},
        "qa": {"tags": ["v*[0-9]-qa"], "branches": []},
        "prd": {"tags": ["v*[0-9]"], "branches": []},
    }
    assert "Environment prd allows deployments from: v*[0-9]" in done.stdout
    assert "| prd | - | `v*[0-9]` |" in (tmp_path / "out" / "summary.md").read_text()
