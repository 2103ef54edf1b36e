"""A stranger's package of a private name: found before anything is installed, by any way to it."""

from pathlib import Path

import pytest

from support.projects.private_packages import PrivatePackages

SECOND = "https://packages.example.com/simple/"
HTML = {"content-type": "text/html"}
#: A page that a proxy puts in the place of another server's answer.
PROXY = {"status": 200, "body": "<form>Sign in</form>", "headers": HTML}


def test_a_private_name_that_is_public_too_stops_the_job(private_packages: PrivatePackages) -> None:
    for name in ("eigenoid-web", "eigenoid-cli"):
        private_packages.publish(name, "1.0")
    private_packages.publish_publicly("eigenoid-core", "99.0")
    private_packages.publish_publicly("eigenoid-web", "0.1")
    result = private_packages.log_in()
    assert (result.exit_status, result.variables) == (2, {})
    told = result.annotation.message
    assert "eigenoid-core, eigenoid-web are private" in told
    assert "eigenoid-cli" not in told
    pages = [request.path for request in result.requests if "/pypi-cache/simple/" in request.path]
    assert len(pages) == 3  # one for each private name


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        (PROXY, 0, ""),
        ({**PROXY, "times": 9}, 1, "cannot be read: it is a web page with a form"),
        ({"status": 200, "body": "<p>Hello", "headers": HTML, "times": 9}, 2, "is private, and"),
        ({"connection": "endless"}, 3, "does not end within"),
        ({"status": 401}, 0, ""),
    ],
)
def test_what_another_server_answers_is_no_package_of_that_name(
    private_packages: PrivatePackages, fault: dict[str, object], status: int, message: str
) -> None:
    private_packages.log_in()  # the next ones have the sandbox's clock, in which waits are over
    private_packages.sandbox.control("POST", "faults", {"path": "/pypi-cache/simple/", **fault})
    result = private_packages.log_in(skew_seconds=0.0)
    assert result.exit_status == status, result.log
    assert message in "".join(shown.message for shown in result.annotations)
    assert bool(result.variables) == (status == 0)


def test_a_workflow_may_take_the_warning(private_packages: PrivatePackages) -> None:
    private_packages.publish_publicly("eigenoid-core", "99.0")
    result = private_packages.log_in({"public-names": "warn"})
    assert result.exit_status == 0, result.log
    assert result.annotation.level == "warning"
    assert "eigenoid-core is private" in result.annotation.message


def test_without_a_default_index_no_name_is_asked_about(private_packages: PrivatePackages) -> None:
    private_packages.publish_publicly("eigenoid-core", "99.0")
    result = private_packages.log_in({"default-index": "false"})
    assert result.exit_status == 0, result.log


@pytest.mark.parametrize(
    ("place", "environ", "files"),
    [
        ("PIP_EXTRA_INDEX_URL", {"PIP_EXTRA_INDEX_URL": SECOND}, {}),
        ("UV_INDEX", {"UV_INDEX": f"other={SECOND}"}, {}),
        ("UV_EXTRA_INDEX_URL", {"UV_EXTRA_INDEX_URL": SECOND}, {}),
        ("pip.conf", {}, {"pip.conf": f"[install]\nextra-index-url =\n  {SECOND}\n"}),
        ("of uv in pyproject.toml", {}, {
            "pyproject.toml": f'[[tool.uv.index]]\nname = "other"\nurl = "{SECOND}"\n'}),
        ("of uv in uv.toml", {}, {"uv.toml": f'extra-index-url = ["{SECOND}"]\n'}),
        ("of poetry in pyproject.toml", {}, {
            "pyproject.toml": '[[tool.poetry.source]]\nname = "other"\n'
            f'url = "{SECOND}"\npriority = "supplemental"\n'}),
        ("PIP_FIND_LINKS", {"PIP_FIND_LINKS": f"/opt/wheels {SECOND}"}, {}),
        ("UV_FIND_LINKS", {"UV_FIND_LINKS": f"/opt/wheels,{SECOND.upper()}"}, {}),
        ("find-links in ", {}, {"pip.conf": f"[global]\nfind_links = {SECOND}\n"}),
        ("find-links of uv in pyproject.toml", {}, {
            "pyproject.toml": f'[tool.uv.pip]\nfind-links = ["{SECOND}"]\n'}),
        ("source 'PyPI' of poetry", {}, {
            "pyproject.toml": '[[tool.poetry.source]]\nname = "PyPI"\n'
            f'[[tool.poetry.source]]\nname = "other"\nurl = "{SECOND}"\n'}),
        ("PyPI, which poetry asks first", {}, {
            "pyproject.toml": '[[tool.poetry.source]]\nname = "ours"\n'
            f'url = "{SECOND}"\npriority = "supplemental"\n'}),
        ("source 'pypi' of pdm", {}, {
            "pyproject.toml": f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{SECOND}"\n'}),
        ("source 'other' of pdm in pdm.toml", {}, {
            "pdm.toml": f'[pypi.other]\nurl = "{SECOND}"\n'}),
        ("PIP_INDEX_URL of hatch", {}, {
            "pyproject.toml": f'[tool.hatch.envs.t.env-vars]\nPIP_INDEX_URL = "{SECOND}"\n'}),
        ("UV_INDEX of hatch in hatch.toml", {}, {
            "hatch.toml": f'[envs.t.env-vars]\nUV_INDEX = "{SECOND}"\n'}),
        ("requirements-test.txt", {}, {"requirements-test.txt": f"pytest\n-i {SECOND}\n"}),
        ("requirements/dev.in", {}, {"requirements/dev.in": f"--extra-index-url={SECOND}\n"}),
        ("of uv in home", {"UV_CONFIG_FILE": "home.toml"}, {
            "home.toml": f'extra-index-url = ["{SECOND}"]\n'}),
    ],
)  # fmt: skip
def test_a_second_index_of_the_jobs_own_is_refused(
    private_packages: PrivatePackages,
    place: str,
    environ: dict[str, str],
    files: dict[str, str],
) -> None:
    for name, text in files.items():
        (private_packages.workspace / name).parent.mkdir(exist_ok=True)
        (private_packages.workspace / name).write_text(text)
    if "pip.conf" in files:
        environ = {"PIP_CONFIG_FILE": str(private_packages.workspace / "pip.conf")}
    result = private_packages.log_in(environ=environ)
    assert (result.exit_status, result.variables) == (2, {})
    assert place in result.annotation.message
    assert result.requests == ()


def test_what_is_no_second_index_is_taken(private_packages: PrivatePackages) -> None:
    url = private_packages.index_url()
    (private_packages.workspace / "pyproject.toml").write_text(
        f'[[tool.uv.index]]\nname = "eigenoid-all"\nurl = "{url}"\n'
        f'[[tool.uv.index]]\nname = "other"\nurl = "{SECOND}"\nexplicit = true\n'
        f'[[tool.poetry.source]]\nname = "other"\nurl = "{SECOND}"\npriority = "explicit"\n'
        '[[tool.poetry.source]]\nname = "PyPI"\n'
        f'[[tool.pdm.source]]\nname = "eigenoid-all"\nurl = "{url}"\n'
        f'[[tool.pdm.source]]\nname = "o"\nurl = "{SECOND}"\nexclude_packages = ["eigenoid*"]\n'
        '[tool.hatch.envs.t.env-vars]\nPIP_FIND_LINKS = "/opt/wheels"\n'
    )
    (private_packages.workspace / "requirements.txt").write_text(
        f"-f wheels\n--extra-index-url {SECOND}\npytest==8 --hash=sha256:{'0' * 64}\n"
    )
    result = private_packages.log_in(
        environ={"UV_INDEX": f"eigenoid-all={url}", "PIP_EXTRA_INDEX_URL": "file:///opt/wheels"}
    )
    assert result.exit_status == 0, result.log


def test_a_folder_with_two_indexes_installs_the_strangers(
    private_packages: PrivatePackages, tmp_path: Path
) -> None:
    """What the action prevents does happen without it, so the tests above can fail."""
    private_packages.publish_publicly("eigenoid-core", "99.0")
    login = private_packages.log_in({"default-index": "false"})
    own = private_packages.index_url(name="eigenoid-python")
    public = f"{private_packages.sandbox.world.addresses.pypi}/simple/"
    private_packages.later_step(
        login,
        f"pip install -q --no-deps --target {tmp_path / 'two'} --index-url {own} "
        f"--extra-index-url {public} eigenoid-core",
    )
    assert [path.name for path in (tmp_path / "two").glob("*.dist-info")] == [
        "eigenoid_core-99.0.dist-info"
    ]
    private_packages.later_step(
        login,
        f"pip install -q --no-deps --target {tmp_path / 'one'} --index-url {own} eigenoid-core",
    )
    assert [path.name for path in (tmp_path / "one").glob("*.dist-info")] == [
        "eigenoid_core-1.2.dist-info"
    ]
