"""What PyPI would refuse is refused before an upload, all files together."""

from pathlib import Path

import pytest

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.pypi_rules.acceptance import require_accepted
from dist_actions.errors import BuildError, DistActionsError
from support.pypi.refused_uploads import SDIST, WHEEL, RefusedUpload, all_cases

OFFLINE = {name: case for name, case in all_cases().items() if case.is_offline}
MIT = (("License-Expression", "MIT"), ("License-File", "LICENSE"))


def check(folder: Path, *, new_project: bool = True) -> None:
    """Do what a publication to PyPI does without a request."""
    distributions = scan_folder(folder)
    check_distributions(folder, distributions)
    require_accepted("PyPI", folder, distributions, new_project=new_project)


def test_there_are_enough_cases() -> None:
    assert len(OFFLINE) >= 100


@pytest.mark.parametrize("name", list(OFFLINE))
def test_what_pypi_refuses_is_refused_before(tmp_path: Path, name: str) -> None:
    OFFLINE[name].write(tmp_path)
    with pytest.raises(DistActionsError) as caught:
        check(tmp_path)
    assert caught.value.why
    assert caught.value.fix


@pytest.mark.parametrize(
    "case",
    [
        RefusedUpload("", (("Classifier", "Topic :: Utilities"), ("Summary", "x" * 512))),
        RefusedUpload("", (("Requires-Dist", 'foo[bar]>=1 ; extra == "dev"'),)),
        RefusedUpload("", (("Author-email", "Jo <jo@example.com>, Nobody <nobody>"),)),
        RefusedUpload("", (("Author-email", "Jo <jo@>"),)),
        RefusedUpload("", (("Maintainer-email", "Jö <jö@exämple.com>"),)),
        RefusedUpload("", (("Home-page", "http://example.com/~a?b=c#d"),)),
        RefusedUpload("", (("Project-URL", f"{'x' * 32}, HTTPS://example.com"),)),
        RefusedUpload("", MIT, files={"licenses/LICENSE": "MIT"}),
        RefusedUpload("", MIT, files={"LICENSE": "MIT"}, filename=SDIST),
        RefusedUpload("", (("Metadata-Version", "2.1"), ("License-File", "LICENSE"))),
        RefusedUpload("", files={"entry_points.txt": "[console_scripts]\nMy.tool-1 = a:b [c]\n"}),
        RefusedUpload("", files={"entry_points.txt": "[my plugins]\nwith a space = a:b\n"}),
        RefusedUpload("", filename=WHEEL.replace("none-any", "none-macosx_10_9_universal2")),
        RefusedUpload("", filename=WHEEL.replace("none-any", "none-manylinux_2_17_riscv64")),
        RefusedUpload("", filename=WHEEL.replace("none-any", "none-linux_armv7l")),
        RefusedUpload("", filename=WHEEL.replace("none-any", "none-pyemscripten_2026_0_wasm32")),
    ],
)
def test_what_is_next_to_a_refused_file_is_taken(tmp_path: Path, case: RefusedUpload) -> None:
    case.write(tmp_path)
    check(tmp_path)


def test_a_project_that_exists_keeps_its_name(tmp_path: Path) -> None:
    OFFLINE["project json"].write(tmp_path)
    check(tmp_path, new_project=False)


def test_all_files_are_named_and_a_problem_once(tmp_path: Path) -> None:
    private = (("Classifier", "Private :: Do Not Upload"),)
    for platform in ("win_amd64", "win_arm64", "macosx_11_0_arm64", "musllinux_1_2_x86_64"):
        RefusedUpload(
            "", private, filename=f"eigenoid_sample-0.1.0-cp313-cp313-{platform}.whl"
        ).write(tmp_path)
    RefusedUpload("", (("License-File", "LICENSE"),), filename=SDIST).write(tmp_path)
    with pytest.raises(BuildError) as caught:
        check(tmp_path)
    assert caught.value.what == (
        "PyPI would refuse eigenoid_sample-0.1.0-cp313-cp313-macosx_11_0_arm64.whl and 3 other "
        "files: 'Private :: Do Not Upload' is not a valid classifier; "
        "eigenoid_sample-0.1.0.tar.gz: License-File LICENSE does not exist in distribution file "
        "eigenoid_sample-0.1.0.tar.gz at eigenoid_sample-0.1.0/LICENSE."
    )
    assert "publish to a private index alone" in caught.value.fix
    assert "let the build include each file of license-files" in caught.value.fix
    assert caught.value.fix.endswith("; then release a new version.")
