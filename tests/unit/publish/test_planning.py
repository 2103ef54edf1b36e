"""Every file is decided on before the first one is uploaded."""

from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.distributions.files import Distribution
from dist_actions.errors import UploadError
from dist_actions.publish.planning import describe_plan, plan_index, refuse_conflicts

OURS = Distribution(
    "demo-1.0.tar.gz", "sdist", canonicalize_name("demo"), Version("1.0"), 3, "a" * 64
)


@pytest.mark.parametrize(
    ("present", "action"),
    [
        pytest.param({}, "upload", id="absent"),
        pytest.param({"demo-1.0.tar.gz": "a" * 64}, "identical", id="same bytes"),
        pytest.param({"demo-1.0.tar.gz": "b" * 64}, "conflict", id="other bytes"),
        pytest.param({"demo-1.0.zip": "a" * 64}, "upload", id="same bytes under another name"),
    ],
)
def test_what_is_done_follows_from_what_the_index_holds(
    present: dict[str, str], action: str
) -> None:
    (file,) = plan_index("dev", [OURS], present).files
    assert file.action == action


def test_one_conflict_refuses_all_indexes_and_shows_both_digests() -> None:
    clear = plan_index("dev", [OURS], {})
    conflict = plan_index("qa", [OURS], {OURS.name: "b" * 64})
    with pytest.raises(UploadError) as raised:
        refuse_conflicts([clear, conflict])
    assert f"qa holds {OURS.name} with sha256 {'b' * 64}, ours has {'a' * 64}" in str(raised.value)
    assert raised.value.anchor == "conflict"


def test_without_a_conflict_nothing_is_refused() -> None:
    refuse_conflicts([plan_index("dev", [OURS], {OURS.name: OURS.sha256})])


@pytest.mark.parametrize(
    ("present", "new"),
    [
        pytest.param(None, True, id="no project"),
        pytest.param({}, False, id="other versions of the project"),
    ],
)
def test_a_project_is_new_where_the_index_holds_nothing_of_it(
    present: dict[str, str] | None, new: bool
) -> None:
    plan = plan_index("dev", [OURS], present)
    assert (plan.new_project, plan.uploads) == (new, plan.files)


def test_every_conflict_is_named() -> None:
    conflicts = [plan_index(label, [OURS], {OURS.name: "b" * 64}) for label in ("dev", "qa")]
    with pytest.raises(UploadError, match=f"ours has {'a' * 64}; qa holds"):
        refuse_conflicts(conflicts)


def test_a_file_of_unknown_bytes_refuses_all_indexes() -> None:
    plans = [plan_index(label, [OURS], {OURS.name: None}) for label in ("dev", "qa")]
    with pytest.raises(UploadError) as raised:
        refuse_conflicts([plan_index("pypi", [OURS], {}), *plans])
    assert raised.value.what == (
        f"dev holds {OURS.name}; qa holds {OURS.name}, and nothing tells with which bytes."
    )
    assert raised.value.anchor == "unknown-bytes"


def test_a_plan_is_told_in_one_line() -> None:
    other = replace(OURS, name="demo-1.0-py3-none-any.whl")
    third = replace(OURS, name="demo-1.0-py2-none-any.whl")
    plan = plan_index("dev", [OURS, other, third], {OURS.name: OURS.sha256})
    assert describe_plan(plan) == "dev: 2 to upload, 1 there already"
