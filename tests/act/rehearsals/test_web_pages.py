"""A web page that is open while a project is rehearsed: it gets nothing from the sandbox."""

from pathlib import Path

from support.act.rehearse_command import rehearse

#: What a page sends whose host's name was made to lead to this machine: the browser takes the
#: rehearsal's port and the page for the same site. It would make a user, who may push workflows.
PAGE = """\
import json, os, urllib.error, urllib.request
from urllib.parse import urlsplit

port = urlsplit(os.environ["HTTPS_PROXY"]).port
page = f"rebound.example:{port}"
headers = {"Host": page, "Origin": f"http://{page}", "Sec-Fetch-Site": "same-origin"}
request = urllib.request.Request(
    f"http://127.0.0.1:{port}/_sandbox/users",
    json.dumps({"login": "mallory"}).encode(),
    {**headers, "Content-Type": "application/json"},
)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    print("the page got", opener.open(request).status)
except urllib.error.HTTPError as error:
    print("the page got", error.code, error.read().decode())
"""

CI = """\
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: PYTHON -I browser.py
"""


def test_a_page_that_names_the_gateway_by_its_own_host_is_refused(tmp_path: Path) -> None:
    project = tmp_path / "a-project"
    folder = project / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(CI.replace("PYTHON", "python3"))
    (project / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
    (project / "browser.py").write_text(PAGE)

    done = rehearse(project, tmp_path / "out", "--all-workflows")

    logs = "".join(log.read_text() for log in (tmp_path / "out" / "logs").rglob("*.log"))
    assert "the page got 403" in logs, done.stdout + done.stderr
