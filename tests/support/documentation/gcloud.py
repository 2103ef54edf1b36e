"""Stands in for the command lines of Google and GitHub, as `gcloud` and `gh` on a script's PATH.

It keeps what the scripts of the set-up make in the file that CLOUD names, refuses what is there
already or is not there, and knows the commands and options that these scripts need, no others.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

State = dict[str, Any]

_POOLS = "iam workload-identity-pools"
_PROVIDERS = "iam workload-identity-pools providers"
_ACCOUNTS = "iam service-accounts"
_REPOSITORIES = "artifacts repositories"
_IN_POOL = ("location", "workload-identity-pool")

#: The options of each command, besides `project` and `format`.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "projects describe": (),
    "services enable": (),
    f"{_POOLS} describe": ("location",),
    f"{_POOLS} create": ("location",),
    f"{_POOLS} undelete": ("location",),
    f"{_PROVIDERS} describe": _IN_POOL,
    f"{_PROVIDERS} undelete": _IN_POOL,
    f"{_PROVIDERS} create-oidc": (
        *_IN_POOL,
        "issuer-uri",
        "attribute-mapping",
        "attribute-condition",
    ),
    f"{_PROVIDERS} update-oidc": (*_IN_POOL, "attribute-condition"),
    f"{_ACCOUNTS} describe": (),
    f"{_ACCOUNTS} create": (),
    f"{_ACCOUNTS} add-iam-policy-binding": ("role", "member"),
    f"{_REPOSITORIES} describe": ("location",),
    f"{_REPOSITORIES} create": (
        "location",
        "repository-format",
        "mode",
        "remote-python-repo",
        "upstream-policy-file",
    ),
    f"{_REPOSITORIES} add-iam-policy-binding": ("location", "role", "member"),
    f"{_REPOSITORIES} set-cleanup-policies": ("location", "policy", "no-dry-run"),
}
_WITHOUT_VALUE = ("no-dry-run",)
_WITH_FILES = ("policy", "upstream-policy-file")


class Call(NamedTuple):
    """A command, what it is about, and its options."""

    command: str
    names: list[str]
    options: dict[str, str]

    @property
    def key(self) -> str:
        """Name what the call is about, by kind, project, place and name."""
        kind, _, _ = self.command.rpartition(" ")
        place = [self.options.get(name, "") for name in ("project", *_IN_POOL)]
        return "/".join([kind, *filter(None, place), self._name()])

    def _name(self) -> str:
        if self.command == f"{_ACCOUNTS} create":
            return f"{self.names[0]}@{self.options['project']}.iam.gserviceaccount.com"
        return self.names[0]


def read_call(arguments: list[str]) -> Call:
    """Read the arguments of `gcloud`; refuse what it does not know, as it does."""
    text = " ".join(arguments)
    command = max((name for name in COMMANDS if text.startswith(f"{name} ")), key=len, default="")
    if not command:
        sys.exit(f"ERROR: (gcloud) Invalid choice: {text}")
    rest = arguments[len(command.split()) :]
    names, options = [], {}
    while rest:
        word = rest.pop(0)
        option = word.removeprefix("--")
        if option == word:
            names.append(word)
        elif option not in (*COMMANDS[command], "project", "format"):
            sys.exit(f"ERROR: (gcloud.{command}) unrecognized arguments: {word}")
        else:
            options[option] = "" if option in _WITHOUT_VALUE else rest.pop(0)
    return Call(command, names, options)


def answer(state: State, call: Call) -> str:
    """Carry out a call; return what it prints."""
    verb = call.command.rpartition(" ")[2]
    handlers: Mapping[str, Callable[[State, Call], str]] = {
        "describe": _describe,
        "enable": lambda state, call: "",
        "create": _create,
        "create-oidc": _create,
        "undelete": _undelete,
        "update-oidc": _update,
        "add-iam-policy-binding": _bind,
        "set-cleanup-policies": _clean_up,
    }
    return handlers[verb](state, call)


def _describe(state: State, call: Call) -> str:
    if call.command == "projects describe":
        return str(state["numbers"][call.names[0]])
    wanted = call.options["format"].removeprefix("value(").removesuffix(")")
    value = _existing(state, call).get(wanted, "")
    return value if isinstance(value, str) else json.dumps(value)


def _create(state: State, call: Call) -> str:
    if call.key in state["made"]:
        sys.exit(f"ERROR: (gcloud.{call.command}) ALREADY_EXISTS: {call.key}")
    made = {name: _content(name, value) for name, value in call.options.items()}
    if call.command.startswith(_POOLS):
        made["state"] = "ACTIVE"
    made |= {"name": call.key, "attributeCondition": made.pop("attribute-condition", "")}
    state["made"][call.key] = made
    return ""


def _undelete(state: State, call: Call) -> str:
    _existing(state, call)["state"] = "ACTIVE"
    return ""


def _update(state: State, call: Call) -> str:
    _existing(state, call)["attributeCondition"] = call.options["attribute-condition"]
    return ""


def _bind(state: State, call: Call) -> str:
    bindings = _existing(state, call).setdefault("bindings", [])
    binding = [call.options["role"], call.options["member"]]
    if binding not in bindings:
        bindings.append(binding)
    return ""


def _clean_up(state: State, call: Call) -> str:
    policies = _content("policy", call.options["policy"])
    _existing(state, call)["cleanupPolicies"] = policies
    return ""


def _existing(state: State, call: Call) -> State:
    if call.key not in state["made"]:
        sys.exit(f"ERROR: (gcloud.{call.command}) NOT_FOUND: {call.key}")
    found: State = state["made"][call.key]
    return found


def _content(option: str, value: str) -> Any:
    return json.loads(Path(value).read_text(encoding="utf-8")) if option in _WITH_FILES else value


def main() -> None:
    """Answer one call."""
    path = Path(os.environ["CLOUD"])
    state = json.loads(path.read_text(encoding="utf-8"))
    program, *arguments = sys.argv[1:]
    if program == "gh":
        print(state["repositories"][arguments[1].removeprefix("repos/")][arguments[-1]])
        return
    if printed := answer(state, read_call(arguments)):
        print(printed)
    path.write_text(json.dumps(state), encoding="utf-8")


if __name__ == "__main__":
    main()
