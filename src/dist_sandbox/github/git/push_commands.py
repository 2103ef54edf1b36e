"""The ref updates that a push asks for, and GitHub's way of refusing them.

Spec: https://git-scm.com/docs/pack-protocol (reference update request, report status)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dist_sandbox.github.git.ref_changes import RefUpdate
from dist_sandbox.github.rules.rulesets import Violations

#: Bands of the side-band-64k capability.
_DATA, _MESSAGE = b"\x01", b"\x02"


@dataclass(frozen=True)
class PushCommands:
    """What a push asks for; the pack of objects is empty where it only deletes."""

    updates: tuple[RefUpdate, ...]
    capabilities: frozenset[str]
    pack: bytes = b""


def read_commands(body: bytes) -> PushCommands:
    """Read the packet lines before the pack; an unreadable body has no commands."""
    updates: list[RefUpdate] = []
    capabilities: frozenset[str] = frozenset()
    position = 0
    while position + 4 <= len(body):
        length = _length(body[position : position + 4])
        if length < 5:
            break
        line, _, tail = body[position + 4 : position + length].partition(b"\0")
        capabilities = capabilities or frozenset(tail.decode("utf-8", "replace").split())
        fields = line.decode("utf-8", "replace").rstrip("\n").split(" ", 2)
        if len(fields) == 3 and len(fields[0]) == 40:
            updates.append(RefUpdate(fields[2], fields[0], fields[1]))
        position += length
    return PushCommands(tuple(updates), capabilities, body[position + 4 :])


def refuse(commands: PushCommands, reason: str, text: str) -> bytes:
    """Make the answer that declines a whole push.

    Args:
        reason: What git shows in brackets after `[remote rejected]`.
        text: What git shows after `remote:`.
    """
    report = _packet(b"unpack ok\n")
    for update in commands.updates:
        report += _packet(f"ng {update.ref} {reason}\n".encode())
    report += b"0000"
    if "side-band-64k" not in commands.capabilities:
        return report
    message = _packet(_MESSAGE + text.encode()) if text else b""
    return message + _packet(_DATA + report) + b"0000"


def reason_of_refusal(broken: Iterable[Violations]) -> str:
    """Write what git shows in brackets after `[remote rejected]`."""
    if all(violations.classic for violations in broken):
        return "protected branch hook declined"
    return "push declined due to repository rule violations"


def describe_violations(broken: Mapping[str, Violations], server: str) -> str:
    """Write GitHub's explanation of the rules that a push breaks, by ref."""
    return "".join(_describe(ref, violations, server) for ref, violations in broken.items())


def _describe(ref: str, violations: Violations, server: str) -> str:
    if violations.classic:
        paragraphs = "".join(f"\n- {text}\n" for text in violations.texts)
        return f"error: GH006: Protected branch update failed for {ref}.\n{paragraphs}"
    rules = "".join(f"- {text}\n" for text in violations.texts)
    return (
        f"error: GH013: Repository rule violations found for {ref}.\n"
        f"Review all repository rules at {server}\n\n{rules}\n"
    )


def _length(digits: bytes) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return 0


def _packet(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data
