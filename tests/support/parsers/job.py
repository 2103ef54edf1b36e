"""Parsers of what a job is given: inputs, the event, times that services ask to wait."""

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.doctor.inputs import DoctorInputs
from dist_actions.errors import DistActionsError
from dist_actions.identity.credentials import read_credentials
from dist_actions.indexes.environment_indexes import read_index_readers
from dist_actions.indexes.target_inputs import read_index_address, read_targets
from dist_actions.job.environment_values import read_environment_values
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.job.inputs import InputReader
from dist_actions.login.inputs import LoginInputs
from dist_actions.promote.gates.freezes import Freeze, frozen_until, parse_freeze
from dist_actions.promote.inputs import PromoteInputs
from dist_actions.publish.main import PublishInputs
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.services.retries import (
    Transient,
    read_exchange_seconds,
    retry_after_seconds,
    server_time,
)
from support.parsers.edges import NOW, stopped_retries
from support.parsers.parser import Parser, check_refusal
from support.parsers.texts import ANY_TEXT, decoded, json_texts, json_values, texts
from support.stages.action_inputs import action_file

_VALUES = (
    *("true", "false", "90s", "5m", "2h", "1d", "999999d", "0", "a1" * 20, "src/app", ".", ".."),
    *("auto", "pypi", "testpypi", "artifact-registry", "https://index.example.com/legacy/"),
    *("dev = a\nqa = b", "dev=", "=", "off", "plan", "build", "publish", "all", "pr", "merge"),
    *("projects/1/locations/global/workloadIdentityPools/p/providers/q", "a@b.iam.example.com"),
    *("Fri 16:00..Mon 08:00 Europe/Berlin", "v{version}{suffix}", "dev", "main", "{}", "\n", "/"),
)
_STAGES: Mapping[str, type[Any]] = {
    "auto-tag": AutoTagInputs,
    "doctor": DoctorInputs,
    "login": LoginInputs,
    "promote": PromoteInputs,
    "publish": PublishInputs,
    "release": ReleaseInputs,
}
#: Where an environment variable cannot hold it, no input does.
_INPUT_TEXT = texts(_VALUES).map(lambda text: text.replace("\0", ""))


def _environ(action: str) -> st.SearchStrategy[Mapping[str, str]]:
    """Make the environment of an action: each of its inputs with a value or without."""
    names = list(action_file(action)["inputs"])
    value = st.one_of(st.sampled_from(_VALUES), _INPUT_TEXT)
    inputs = st.dictionaries(st.sampled_from(names), value, max_size=len(names))
    return inputs.map(
        lambda values: {
            f"INPUT_{name.upper().replace('-', '_')}": value for name, value in values.items()
        }
    )


def _read_inputs(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """Read one text as every kind of input."""
    reader = InputReader(environ)
    values = {
        "text": reader.text("value", "default"),
        "lines": reader.lines("value"),
        "items": reader.items("value"),
        "token": reader.token("value").reveal(),
        "boolean": reader.boolean("value", default=False),
        "choice": reader.choice("value", ("dev", "main")),
        "integer": reader.integer("value"),
        "duration": reader.duration("value", timedelta(seconds=7)),
        "commit": reader.commit_sha("value"),
        "path": reader.relative_path("value", "."),
        "environments": read_environment_values(reader, "value"),
        "secrets": read_environment_values(reader, "value", secret=True),
        "address": read_index_address(reader, "value"),
    }
    try:
        reader.finish()
    except DistActionsError as refusal:
        values["refusal"] = refusal
    return values


def _hold_their_kind(_environ: Mapping[str, str], values: Mapping[str, Any]) -> None:
    assert not re.search(r"[\r\n\0]", values["text"])
    assert all(entry and entry == entry.strip() for entry in (*values["lines"], *values["items"]))
    assert re.fullmatch(r"[\x21-\x7e]*", values["token"])
    assert values["choice"] in {"dev", "main"}
    assert timedelta() <= values["duration"] <= timedelta(days=999_999)
    assert re.fullmatch(r"([0-9a-f]{40})?", values["commit"])
    workspace = Path("/workspace")
    path = workspace / values["path"]
    assert path.is_absolute()
    assert path.is_relative_to(workspace)
    assert ".." not in path.parts
    if "refusal" in values:
        check_refusal(values["refusal"])


def _read_event(payload: str) -> Event:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "event.json")
        file.write_text(payload, encoding="utf-8", errors="surrogatepass")
        event = Event.from_environ(
            {
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_REPOSITORY": "owner/name",
                "GITHUB_EVENT_PATH": str(file),
            }
        )
    refuse_untrusted(event)
    return event


def _trusts_only_its_own(payload: str, event: Event) -> None:
    data = json.loads(payload)
    assert event.deleted is (isinstance(data, dict) and data.get("deleted") is True)
    if isinstance(data, dict) and "pull_request" in data and not event.from_fork:
        assert data["pull_request"]["head"]["repo"]["full_name"] == "owner/name"


def _wait(headers: Mapping[str, str]) -> float | None:
    """Read what a service asks for, and wait as a request would."""
    server_time(headers, NOW)
    seconds = retry_after_seconds(headers, NOW)
    retries = stopped_retries()

    def refuse() -> None:
        raise ConnectionError

    def classify(_error: Exception) -> Transient:
        return Transient("HTTP 429", seconds)

    try:
        retries.call("ask", refuse, classify)
    except DistActionsError as refusal:
        check_refusal(refusal)
    return seconds


def _is_a_wait(_headers: Mapping[str, str], seconds: float | None) -> None:
    assert seconds is None or seconds >= 0


def _is_at_most_an_hour(_text: str, seconds: float) -> None:
    assert 0 < seconds <= 3600


def _freeze(line: str) -> Freeze:
    freeze = parse_freeze(line)
    for days in range(0, 400, 57):
        now = NOW + timedelta(days=days, hours=days)
        frozen = frozen_until([freeze], now)
        assert frozen is None or frozen[1] >= now
    return freeze


def _written(line: str, freeze: Freeze) -> None:
    assert freeze.text == line.strip()
    assert type(freeze.begin) is type(freeze.end)


def _of_stage(action: str, read: Callable[[Mapping[str, str]], Any]) -> Parser:
    covers = (read, read_credentials, read_targets, read_index_readers)
    return Parser(f"inputs of {action}", covers, _environ(action), read)


_EVENTS = json_values(
    [
        "deleted",
        "release",
        "tag_name",
        "repository",
        "fork",
        "pull_request",
        "head",
        "repo",
        "full_name",
        "merge_group",
        "base_ref",
    ],
    st.sampled_from(["owner/name", "other/name", "v1.0.0", True, False]),
)
_DATES = texts(
    [
        "Wed, 21 Oct 2026 07:28:00 GMT",
        "99999999999999999999",
        "120",
        "Wed, ",
        "21 ",
        "Oct ",
        "2026 ",
        "9999 ",
        "07:28:00 ",
        "+0000",
        "-9999",
        "GMT",
        "0",
        "-1",
        "1e9",
        " ",
        "\uff11",
    ]
)
_FREEZES = texts(
    [
        "2026-12-20T00:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "..",
        " ",
        "Fri 16:00",
        "Mon 08:00",
        "Sun 24:00",
        "Europe/Berlin",
        "UTC",
        "+01:00",
        "../../etc/passwd",
        "localtime",
        "2026-12-20",
    ]
)

PARSERS = (
    *(_of_stage(action, stage.from_environ) for action, stage in _STAGES.items()),
    Parser(
        "inputs",
        (read_environment_values, read_index_address),
        _INPUT_TEXT.map(lambda text: {"INPUT_VALUE": text}),
        _read_inputs,
        _hold_their_kind,
        from_bytes=lambda data: {"INPUT_VALUE": decoded(data).replace("\0", "")},
    ),
    Parser(
        "event",
        (Event.from_environ, refuse_untrusted),
        json_texts(_EVENTS),
        _read_event,
        _trusts_only_its_own,
        from_bytes=decoded,
    ),
    Parser(
        "waiting times",
        (retry_after_seconds, server_time),
        st.fixed_dictionaries({}, optional={"retry-after": _DATES, "date": _DATES}),
        _wait,
        _is_a_wait,
        from_bytes=lambda data: {"retry-after": decoded(data), "date": decoded(data[::-1])},
    ),
    Parser(
        "exchange seconds",
        (read_exchange_seconds,),
        st.one_of(st.from_regex(r"[0-9]{1,30}"), ANY_TEXT),
        lambda text: read_exchange_seconds({"DIST_ACTIONS_EXCHANGE_SECONDS": text}),
        _is_at_most_an_hour,
    ),
    Parser(
        "freezes",
        (parse_freeze, frozen_until),
        st.one_of(
            st.builds(
                "{}..{} {}".format,
                *[
                    st.sampled_from(
                        [
                            "2026-12-20T00:00",
                            "0001-01-01",
                            "9999-12-31T23:59",
                            "Fri 16:00",
                            "Mon 08:00",
                            "2027-01-02T00:00",
                        ]
                    )
                ]
                * 2,
                st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/New_York"]),
            ),
            _FREEZES,
        ),
        _freeze,
        _written,
        refusals=(ValueError,),
        from_bytes=decoded,
    ),
)
