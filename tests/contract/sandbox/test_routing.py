"""Every sandbox of a process answers by the same routes, each from its own state."""

from pathlib import Path

import requests
from flask import Flask

from dist_sandbox.installers import create_blueprint
from dist_sandbox.server.routing import create_services
from dist_sandbox.server.running import SandboxSettings, running


def rules_of(app: Flask) -> set[tuple[str, str, str, str]]:
    return {
        (rule.rule, rule.endpoint, str(sorted(rule.methods or ())), str(rule.defaults))
        for rule in app.url_map.iter_rules()
    }


def test_rules_are_those_of_flask() -> None:
    plain = Flask("plain", static_folder=None)
    plain.register_blueprint(create_blueprint())

    assert rules_of(create_services([create_blueprint()])) == rules_of(plain)


def test_sandboxes_of_a_process_answer_alike(tmp_path: Path) -> None:
    paths = ("/_installers/poetry/", "/_installers/uv/install.sh", "/api/v3/nothing", "/nothing")
    answers = []
    for name in ("first", "second"):
        with running(SandboxSettings(state=tmp_path / name)) as world:
            base = world.addresses.base
            responses = [requests.get(f"{base}{path}", timeout=20) for path in paths]
        answers.append(
            [(response.status_code, response.text.replace(base, "BASE")) for response in responses]
        )

    assert answers[0] == answers[1]
    assert [status for status, _ in answers[0]] == [200, 200, 501, 404]
