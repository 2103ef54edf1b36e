"""Small projects whose release workflows use nothing of ours, by the kinds that there are.

Each is the smallest of its kind: a module, a backend, and a workflow as maintainers write it. The
actions that are no part of a rehearsal are written here, and stand in a mirror of github.com.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.rehearse.project.clone import GitClone
from support.act.action_mirror import ActionMirror

VERSION = "1.2.0"
WHEEL, SDIST = f"pelican-{VERSION}-py3-none-any.whl", f"pelican-{VERSION}.tar.gz"

_HATCHLING = f"""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "pelican"
version = "{VERSION}"
requires-python = ">=3.9"
"""
_FLIT = f"""\
[build-system]
requires = ["flit_core >=3.2,<4"]
build-backend = "flit_core.buildapi"
[project]
name = "pelican"
version = "{VERSION}"
description = "A bird"
requires-python = ">=3.9"
"""
_POETRY = f"""\
[tool.poetry]
name = "pelican"
version = "{VERSION}"
description = "A bird"
authors = ["A <a@example.com>"]
[tool.poetry.dependencies]
python = ">=3.9"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""
_CHECKOUT = "- uses: actions/checkout@v4"

#: Uploads with a token where there is one, and by Trusted Publishing otherwise.
_PUBLISH_ACTION = """\
name: publish
inputs:
  password: {default: ""}
  packages-dir: {default: dist}
runs:
  using: composite
  steps:
    - shell: bash
      env: {TOKEN: "${{ inputs.password }}", FOLDER: "${{ inputs.packages-dir }}"}
      run: |
        if [ -n "$TOKEN" ]; then export UV_PUBLISH_TOKEN="$TOKEN"; else how=always; fi
        uv publish --trusted-publishing "${how:-never}" "$FOLDER"/*
"""
#: Makes a release of the tag, and adds files to it.
_RELEASE_ACTION = """\
name: release
inputs:
  files: {default: ""}
  token: {default: "${{ github.token }}"}
runs: {using: node20, main: main.js}
"""
_RELEASE_SCRIPT = """\
const fs = require("fs");
const path = require("path");
const {GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_REF_NAME} = process.env;
const headers = {Authorization: `Bearer ${process.env.INPUT_TOKEN}`};
async function send(url, options) {
  const answer = await fetch(url, {method: "POST", ...options});
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
(async () => {
  const url = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/releases`;
  const release = await send(url, {headers, body: JSON.stringify({tag_name: GITHUB_REF_NAME})});
  for (const file of fs.readdirSync(process.env.INPUT_FILES)) {
    const upload = `${release.upload_url.split("{")[0]}?name=${encodeURIComponent(file)}`;
    const body = fs.readFileSync(path.join(process.env.INPUT_FILES, file));
    const type = {"Content-Type": "application/octet-stream"};
    await send(upload, {headers: {...headers, ...type}, body});
  }
})().catch(error => { console.log(`::error::${error.message}`); process.exit(1); });
"""
#: Keeps a pull request that raises the version, and tags when it is merged.
_BOT = """\
name: bot
inputs: {token: {default: "${{ github.token }}"}}
outputs: {released: {value: "${{ steps.bot.outputs.released }}"}}
runs:
  using: composite
  steps:
    - id: bot
      shell: bash
      env: {GH_TOKEN: "${{ inputs.token }}"}
      run: |
        api="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY"
        send() {
          curl -fsS "$api/$1" -d "$2" -H "Authorization: Bearer $GH_TOKEN" \\
            -H "Content-Type: application/json"
        }
        if [ -e RELEASED ]; then
          send releases "{\\"tag_name\\": \\"v$(cat RELEASED)\\"}"
          echo released=true >> "$GITHUB_OUTPUT"
          exit
        fi
        git config user.name bot
        git config user.email bot@example.com
        git checkout -q -b next
        grep -oP '^version = "\\K[^"]+' pyproject.toml > RELEASED
        git add RELEASED
        git commit -qm "chore: release"
        git push -q --force origin next
        send pulls '{"title": "chore: release", "head": "next", "base": "main"}'
"""
_CALLED = """\
on:
  workflow_call:
    secrets: {token: {required: true}}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: uv build
      - uses: pypa/gh-action-pypi-publish@v1
        with: {password: "${{ secrets.token }}"}
"""
#: By repository, the files of each action.
ACTIONS: Mapping[str, Mapping[str, str]] = {
    "pypa/gh-action-pypi-publish": {"action.yml": _PUBLISH_ACTION},
    "softprops/action-gh-release": {"action.yml": _RELEASE_ACTION, "main.js": _RELEASE_SCRIPT},
    "googleapis/release-please-action": {"action.yml": _BOT},
    "birds/workflows": {".github/workflows/publish.yml": _CALLED},
}


@dataclass(frozen=True)
class ForeignProject:
    """A project and its release workflow.

    Attributes:
        kind: What it is an example of.
        workflow: Its release workflow.
        files: Its other files, by path.
        options: What a person adds to the command.
        publishes: The files that reach the index.
        steps: What a person does besides pushing, as the report calls it.
    """

    kind: str
    workflow: str
    files: Mapping[str, str] = field(default_factory=lambda: {"pyproject.toml": _HATCHLING})
    options: tuple[str, ...] = ()
    publishes: tuple[str, ...] = (WHEEL, SDIST)
    steps: tuple[str, ...] = (f"tag v{VERSION}",)


_THREE_ARTIFACTS = """\
on: {push: {tags: ["v*"]}}
permissions: {}
jobs:
  build:
    runs-on: ${{ matrix.os }}
    strategy: {matrix: {os: [ubuntu-latest, macos-latest], form: [wheel]}}
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - run: |
          uv build --${{ matrix.form }}
          [ "${{ matrix.os }}" = ubuntu-latest ] || rm dist/*.whl
          date > dist/.built
      - uses: actions/upload-artifact@v4
        with:
          name: dist-${{ matrix.os }}-${{ matrix.form }}
          path: dist/*.whl
          if-no-files-found: ignore
  sdist:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: uv build --sdist
      - uses: actions/upload-artifact@v4
        with: {name: dist-sdist, path: dist/*.tar.gz}
  docs:
    runs-on: ubuntu-latest
    permissions: {contents: write}
    steps:
      - uses: actions/checkout@v4
      - run: |
          git config user.name docs
          git config user.email docs@example.com
          git checkout -q --orphan gh-pages
          git rm -rfq .
          echo "<h1>Pelican</h1>" > index.html
          git add index.html
          git commit -qm docs
          git push -q origin gh-pages
  publish:
    needs: [build, sdist]
    runs-on: ubuntu-latest
    environment: {name: pypi, url: "https://example.com/pelican"}
    permissions: {id-token: write}
    steps:
      - uses: actions/download-artifact@v4
        with: {pattern: "dist-*", path: dist, merge-multiple: true}
      - uses: pypa/gh-action-pypi-publish@v1
  release:
    needs: publish
    runs-on: ubuntu-latest
    permissions: {contents: write}
    steps:
      - uses: actions/download-artifact@v4
        with: {pattern: "dist-*", path: dist, merge-multiple: true}
      - uses: softprops/action-gh-release@v1
        with: {files: dist}
"""
_SCRIPT = """\
#!/bin/sh -e
version=$(grep -oE '[0-9]+\\.[0-9]+\\.[0-9]+' pyproject.toml | head -1)
if [ "$GITHUB_REF" != "refs/tags/v$version" ]; then
  echo "GITHUB_REF '$GITHUB_REF' does not match version '$version'"
  exit 1
fi
uvx twine upload dist/*
"""


def _one_job(start: str, *steps: str, job: str = "") -> str:
    """Write a workflow of one job."""
    lines = ["    runs-on: ubuntu-latest", *([f"    {job}"] if job else []), "    steps:"]
    lines += [f"      {line}" for step in (_CHECKOUT, *steps) for line in step.splitlines()]
    return "\n".join((f"on: {start}", "jobs:", "  release:", *lines, ""))


_ON_TAG = '{push: {tags: ["v*"]}}'
PROJECTS = (
    ForeignProject(
        "Trusted Publishing of three artifacts, a JavaScript release, documentation beside it",
        _THREE_ARTIFACTS,
    ),
    ForeignProject(
        "a token for a published release",
        _one_job(
            "{release: {types: [published]}}",
            "- run: uv build",
            "- uses: pypa/gh-action-pypi-publish@v1\n"
            "  with: {password: '${{ secrets.pypi_password }}'}",
        ),
        steps=(f"publish v{VERSION}",),
    ),
    ForeignProject(
        "twine in a script",
        _one_job(
            "{push: {tags: ['*']}}",
            "- run: uv build",
            "- run: scripts/publish\n"
            "  env: {TWINE_USERNAME: __token__, TWINE_PASSWORD: '${{ secrets.PYPI_TOKEN }}'}",
            job="environment: deploy",
        ),
        files={"pyproject.toml": _HATCHLING, "scripts/publish": _SCRIPT},
        steps=(f"tag v{VERSION}",),
    ),
    ForeignProject(
        "poetry",
        _one_job(
            _ON_TAG,
            "- run: uvx poetry publish --build\n"
            "  env: {POETRY_PYPI_TOKEN_PYPI: '${{ secrets.PYPI }}'}",
        ),
        files={"pyproject.toml": _POETRY},
    ),
    ForeignProject(
        "flit",
        _one_job(
            _ON_TAG,
            "- run: uvx flit publish\n"
            "  env: {FLIT_USERNAME: __token__, FLIT_PASSWORD: '${{ secrets.UPLOADS }}'}",
        ),
        files={"pyproject.toml": _FLIT},
    ),
    ForeignProject(
        "hatch",
        _one_job(
            _ON_TAG,
            "- run: uvx hatch build",
            "- uses: actions/upload-artifact@v4\n  with: {path: dist}",
            # A commit of version 4, in which a single artifact has a folder of its own.
            "- uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0",
            "- run: uvx hatch publish artifact/*\n"
            "  env: {HATCH_INDEX_USER: __token__, HATCH_INDEX_AUTH: '${{ secrets.UPLOADS }}'}",
        ),
    ),
    ForeignProject(
        "uv, started by hand",
        _one_job(
            "workflow_dispatch",
            "- run: uv build && uv publish",
            job="permissions: {contents: read, id-token: write}",
        ),
        steps=("start release main",),
    ),
    ForeignProject(
        "a bot's pull request",
        _one_job(
            "{push: {branches: [main]}}",
            "- uses: googleapis/release-please-action@v1\n  id: bot",
            "- if: steps.bot.outputs.released\n  run: uv build && uv publish",
            job="permissions: {contents: write, pull-requests: write, id-token: write}",
        ),
        options=("--workflow-permissions", "write"),
        steps=("merge main",),
    ),
    ForeignProject(
        "semantic release: it raises the version, tags and publishes by itself",
        _one_job(
            "{push: {branches: [main]}}",
            "- run: |\n"
            "    git config user.name bot\n"
            "    git config user.email bot@example.com\n"
            "    sed -i 's/^version = .*/version = \"1.3.0\"/' pyproject.toml\n"
            "    git commit -qam 'chore(release): 1.3.0 [skip ci]'\n"
            "    git tag v1.3.0\n"
            "    git push -q origin main v1.3.0\n"
            "    uv build\n"
            "    uv publish",
            job="permissions: {contents: write, id-token: write}",
        ),
        publishes=("pelican-1.3.0-py3-none-any.whl", "pelican-1.3.0.tar.gz"),
        steps=(),
    ),
    ForeignProject(
        "a reusable workflow of another repository",
        f"""\
on: {_ON_TAG}
jobs:
  release:
    uses: birds/workflows/.github/workflows/publish.yml@v1
    secrets: {{token: "${{{{ secrets.PYPI_TOKEN }}}}"}}
""",
    ),
)


def write_project(project: ForeignProject, folder: Path) -> Path:
    """Write the project into a new folder, as a clone of its repository."""
    files = {
        "pelican/__init__.py": '"""A bird."""\n',
        "README.md": "# Pelican\n",
        ".github/workflows/release.yml": project.workflow,
        **project.files,
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            file.chmod(0o755)
    git = GitClone(folder)
    git.run("init", "--quiet", "--initial-branch=main", ".")
    git.run("remote", "add", "origin", "https://github.com/birds/pelican.git")
    git.commit_all("feat: a bird")
    return folder


def publish_actions(folder: Path) -> ActionMirror:
    """Make the mirror with the actions."""
    mirror = ActionMirror(folder)
    for repository, files in ACTIONS.items():
        mirror.publish(repository, files)
    return mirror
