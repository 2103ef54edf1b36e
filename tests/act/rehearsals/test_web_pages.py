"""A web page that is open while a project is rehearsed: it gets nothing from the sandbox."""

import sys
from pathlib import Path

from support.act.rehearse_command import rehearse

#: What a page sends whose host's name was made to lead to this machine: the browser takes sandbox
#: and page for the same site. It makes a user, and pushes a workflow as that user.
PAGE = """\
import json, os, subprocess, urllib.error, urllib.request
from urllib.parse import urlsplit

server = os.environ["GITHUB_SERVER_URL"]
page = f"rebound.example:{urlsplit(server).port}"
headers = {"Host": page, "Origin": f"http://{page}", "Sec-Fetch-Site": "same-origin"}
body = json.dumps({"login": "mallory"}).encode()
json_headers = {**headers, "Content-Type": "application/json"}
try:
    with urllib.request.urlopen(
        urllib.request.Request(f"{server}/_sandbox/users", body, json_headers)
    ) as answer:
        token = json.load(answer)["token"]
except urllib.error.HTTPError as error:
    raise SystemExit(print("the page got", error.code, error.read().decode()))
git = ["git", "-c", "user.name=m", "-c", "user.email=m@example.com"]
for name, value in headers.items():
    git += ["-c", f"http.extraHeader={name}: {value}"]
url = f"{server}/{os.environ['GITHUB_REPOSITORY']}".replace("://", f"://mallory:{token}@")
subprocess.run([*git, "clone", "-q", "-b", "dev", url, "page"], check=True)
with open("page/.github/workflows/page.yml", "w") as file:
    file.write(WORKFLOW)
subprocess.run([*git, "-C", "page", "add", "."], check=True)
subprocess.run([*git, "-C", "page", "commit", "-qm", "Mine"], check=True)
subprocess.run([*git, "-C", "page", "push", "-q", "origin", "dev"], check=True)
print("the page pushed a workflow")
"""

WORKFLOW = """\
on: {push: {branches: [dev]}}
permissions: {}
jobs:
  mine:
    runs-on: ubuntu-latest
    steps:
      - run: touch CANARY
"""

CI = """\
on: {push: {branches: [dev]}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    if: github.event.pusher.name != 'mallory' && github.actor != 'mallory'
    steps:
      - uses: actions/checkout@v7
      - run: PYTHON -I browser.py
"""


def test_a_page_that_names_the_sandbox_by_its_own_host_pushes_nothing_that_runs(
    tmp_path: Path,
) -> None:
    project, canary = tmp_path / "a-project", tmp_path / "canary"
    folder = project / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(CI.replace("PYTHON", sys.executable))
    (project / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
    workflow = WORKFLOW.replace("CANARY", str(canary))
    (project / "browser.py").write_text(f"WORKFLOW = {workflow!r}\n{PAGE}")

    done = rehearse(project, tmp_path / "out")

    logs = "".join(log.read_text() for log in (tmp_path / "out" / "logs").rglob("*.log"))
    assert not canary.exists(), logs
    assert "the page got 421" in logs, done.stdout + done.stderr
