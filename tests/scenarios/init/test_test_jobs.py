"""The test job that `dist-actions init` writes has what the project's tests need."""

from pathlib import Path

import pytest

from support.init.projects import PURE, Init, make_repository, steps_of, test_commands

HYPOTHESIS = {"tests/test_sample.py": "import hypothesis\nimport sample\n"}
WHEEL = "dist/*.whl"


def with_pyproject(text: str, files: dict[str, str] | None = None) -> dict[str, str]:
    """Return a project whose pyproject.toml goes on with a text."""
    return {**PURE, "pyproject.toml": f"{PURE['pyproject.toml']}{text}", **(files or {})}


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        pytest.param(PURE, [f"python -m pip install pytest {WHEEL}", "pytest"], id="pytest alone"),
        pytest.param(
            with_pyproject('[dependency-groups]\ntest = ["pytest", "hypothesis"]\n', HYPOTHESIS),
            [f"python -m pip install --group test {WHEEL}", "pytest"],
            id="dependency group",
        ),
        pytest.param(
            with_pyproject(
                '[dependency-groups]\ndev = [{include-group = "all"}]\nall = ["hypothesis"]\n',
                HYPOTHESIS,
            ),
            [f"python -m pip install pytest --group dev {WHEEL}", "pytest"],
            id="group that includes another",
        ),
        pytest.param(
            with_pyproject('[dependency-groups]\nlint = ["ruff"]\n'),
            [f"python -m pip install pytest {WHEEL}", "pytest"],
            id="group for something else",
        ),
        pytest.param(
            with_pyproject('[project.optional-dependencies]\ntests = ["pytest", "hypothesis"]\n'),
            [f'python -m pip install "$(ls {WHEEL})[tests]"', "pytest"],
            id="extra",
        ),
        pytest.param(
            with_pyproject(
                "[project.optional-dependencies]\n"
                'http = ["hypothesis"]\ndev = ["sample[http]", "pytest"]\n',
                HYPOTHESIS,
            ),
            [f'python -m pip install "$(ls {WHEEL})[dev]"', "pytest"],
            id="extra that takes another",
        ),
        pytest.param(
            with_pyproject(
                "[dependency-groups]\n"
                'test = ["pytest"]\ndev = ["pytest", "hypothesis"]\n',
                HYPOTHESIS,
            ),
            [f"python -m pip install --group dev {WHEEL}", "pytest"],
            id="the group that lacks nothing wins",
        ),
        pytest.param(
            with_pyproject(
                '[tool.poetry.group.test.dependencies]\npytest = "^8.1"\nhypothesis = "*"\n',
                HYPOTHESIS,
            ),
            [f'python -m pip install "pytest>=8.1,<9" hypothesis {WHEEL}', "pytest"],
            id="group of poetry",
        ),
        pytest.param(
            with_pyproject('[tool.pdm.dev-dependencies]\ntest = ["pytest>8", "hypothesis"]\n'),
            [f'python -m pip install "pytest>8" hypothesis {WHEEL}', "pytest"],
            id="group of pdm",
        ),
        pytest.param(
            with_pyproject('[tool.uv]\ndev-dependencies = ["pytest", "hypothesis"]\n', HYPOTHESIS),
            [f"python -m pip install pytest hypothesis {WHEEL}", "pytest"],
            id="developers' list of uv",
        ),
        pytest.param(
            with_pyproject('[tool.hatch.envs.test]\ndependencies = ["pytest", "hypothesis"]\n'),
            [f"python -m pip install pytest hypothesis {WHEEL}", "pytest"],
            id="environment of hatch",
        ),
        pytest.param(
            with_pyproject('[tool.pixi.feature.test.dependencies]\npytest = "*"\nnumpy = "*"\n'),
            [f"python -m pip install pytest numpy {WHEEL}", "pytest"],
            id="feature of pixi",
        ),
        pytest.param(
            {**PURE, **HYPOTHESIS, "requirements/tests.txt": "pytest\nhypothesis\n"},
            [f"python -m pip install -r requirements/tests.txt {WHEEL}", "pytest"],
            id="requirements",
        ),
        pytest.param(
            {**PURE, **HYPOTHESIS, "dev-requirements.txt": "-e .\npytest\nhypothesis\n"},
            [f"python -m pip install pytest hypothesis {WHEEL}", "pytest"],
            id="requirements that would install the checkout",
        ),
        pytest.param(
            {
                **PURE, **HYPOTHESIS,
                "tox.ini": "[testenv]\ndeps =\n  pytest>=8\n  hypothesis\n  py39: mock\n",
            },
            [f'python -m pip install "pytest>=8" hypothesis {WHEEL}', "pytest"],
            id="tox",
        ),
        pytest.param(
            with_pyproject('[tool.tox.env_run_base]\ndeps = ["pytest", "hypothesis"]\n'),
            [f"python -m pip install pytest hypothesis {WHEEL}", "pytest"],
            id="tox in pyproject.toml",
        ),
        pytest.param(
            {
                **PURE, **HYPOTHESIS,
                "noxfile.py": "def tests(s):\n    s.install('pytest', 'hypothesis')\n",
            },
            [f"python -m pip install pytest hypothesis {WHEEL}", "pytest"],
            id="nox",
        ),
        pytest.param(
            {**PURE, **HYPOTHESIS},
            [f"python -m pip install pytest hypothesis {WHEEL}", "pytest"],
            id="an import that no list names",
        ),
        pytest.param(
            {**PURE, "tests/test_sample.py": "import yaml\nimport sample\n"},
            [f"python -m pip install pytest pyyaml {WHEEL}", "pytest"],
            id="an import of another name",
        ),
        pytest.param(
            {**PURE, "tests/test_sample.py": "try:\n    import numpy\nexcept ImportError: pass\n"},
            [f"python -m pip install pytest {WHEEL}", "pytest"],
            id="an import that may fail",
        ),
        pytest.param(
            {
                **PURE,
                "tests/helpers.py": "",
                "tests/test_sample.py": "import helpers\nimport sys\nimport sample\n",
            },
            [f"python -m pip install pytest {WHEEL}", "pytest"],
            id="imports of helpers and of the standard library",
        ),
        pytest.param(
            {**PURE, "tests/test_sample.py": "def test_it(mocker): pass\n"},
            [f"python -m pip install pytest pytest-mock {WHEEL}", "pytest"],
            id="a fixture of a plugin",
        ),
        pytest.param(
            {
                **PURE,
                "tests/test_sample.py": "def mocker(): pass\ndef test_it(mocker): pass\n",
            },
            [f"python -m pip install pytest {WHEEL}", "pytest"],
            id="a fixture of the tests' own",
        ),
        pytest.param(
            with_pyproject('[tool.pytest.ini_options]\naddopts = "--cov=sample -n auto"\n'),
            [f"python -m pip install pytest pytest-cov pytest-xdist {WHEEL}", "pytest"],
            id="options of plugins",
        ),
        pytest.param(
            {**PURE, "pytest.ini": "[pytest]\nasyncio_mode = auto\n"},
            [f"python -m pip install pytest pytest-asyncio {WHEEL}", "pytest"],
            id="a setting of a plugin",
        ),
        pytest.param(
            with_pyproject('[tool.pytest.ini_options]\npythonpath = ["src", "tests/lib"]\n'),
            [f"python -m pip install pytest {WHEEL}", 'pytest -o pythonpath=tests/lib'],
            id="the checkout is not put on the path",
        ),
        pytest.param(
            {key: text for key, text in PURE.items() if not key.startswith("tests")},
            [f"python -m pip install {WHEEL}", 'python -c "import sample"'],
            id="no tests",
        ),
        pytest.param(
            {
                "pyproject.toml": PURE["pyproject.toml"],
                "sample/__init__.py": "",
                "tests/__init__.py": "",
                "tests/test_sample.py": "import sample\n",
            },
            [f"python -m pip install pytest {WHEEL}", "rm -r sample", "pytest"],
            id="a package in the root, which pytest would import",
        ),
        pytest.param(
            {
                "pyproject.toml": PURE["pyproject.toml"],
                "sample/__init__.py": "",
                "tests/test_sample.py": "import sample\n",
            },
            [f"python -m pip install pytest {WHEEL}", "pytest"],
            id="a package in the root, which pytest would not import",
        ),
        pytest.param(
            {
                "pyproject.toml": PURE["pyproject.toml"],
                "sample/__init__.py": "",
                "sample/tests/__init__.py": "",
                "sample/tests/test_sample.py": "import sample\n",
            },
            [f"python -m pip install pytest {WHEEL}", "pytest --pyargs sample.tests"],
            id="tests in the package",
        ),
        pytest.param(
            {
                "pyproject.toml": '[project]\nname = "acme.tools"\nversion = "1"\n',
                "src/acme/tools/__init__.py": "",
            },
            [f"python -m pip install {WHEEL}", 'python -c "import acme.tools"'],
            id="a namespace package",
        ),
        pytest.param(
            {**PURE, "scripts/test_network.py": "import requests\n"},
            [f"python -m pip install pytest requests {WHEEL}", "pytest"],
            id="test files in several folders",
        ),
    ],
)  # fmt: skip
def test_it_installs_what_the_tests_need(
    tmp_path: Path, init: Init, files: dict[str, str], commands: list[str]
) -> None:
    repository = make_repository(tmp_path, files)
    assert init(repository).status == 0
    assert test_commands(repository) == commands


def test_the_summary_names_the_list_and_what_it_lacks(tmp_path: Path, init: Init) -> None:
    files = with_pyproject('[dependency-groups]\ntest = ["pytest"]\n', HYPOTHESIS)
    done = init(make_repository(tmp_path, files))
    row = next(line for line in done.stdout.splitlines() if line.startswith("tests"))
    assert "pytest with the dependency group" in row
    assert "no list names hypothesis" in done.stdout


def test_a_package_in_a_folder_is_tested_from_the_root(tmp_path: Path, init: Init) -> None:
    files = {f"python/{name}": text for name, text in PURE.items()}
    files["python/pyproject.toml"] += '[dependency-groups]\ntest = ["pytest"]\n'
    repository = make_repository(tmp_path, files)
    assert init(repository).status == 0
    assert test_commands(repository) == [
        f"python -m pip install --group python/pyproject.toml:test {WHEEL}",
        "pytest python/tests",
    ]


def test_a_person_chooses_that_jobs_install_private_packages(tmp_path: Path, init: Init) -> None:
    repository = make_repository(tmp_path, PURE)
    assert init(repository, "--starter", "private-dependencies").status == 0
    logins = [
        step["with"]
        for name in ("release.yml", "pull-request.yml")
        for job in ("build", "test")
        for step in steps_of(repository, job, name)
        if str(step.get("uses", "")).startswith("eigenoid/dist-actions/login@")
    ]
    promotion = steps_of(repository, "promote", "promote.yml")[-1]["with"]
    assert len(logins) == 5
    for inputs in (*logins, promotion):
        assert inputs["indexes"] == "${{ vars.INDEXES }}"
