"""The flows that are to survive faults: each one a run that changes services, and its world."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dist_actions.services.retries import EXCHANGE_VARIABLE
from dist_sandbox.faults.fault import HELD
from dist_sandbox.server.request_log import LoggedRequest
from support.faults.snapshot import Snapshot, Standing
from support.sandbox.fixtures import Sandbox
from support.stages.running import RunningStage, StageResult

#: How long an exchange may take, in seconds. Held requests are waited for in real time; without
#: them, a machine with other work must not make one of the sandbox's own answers come too late.
_HELD_SECONDS, _OTHER_SECONDS = 2, 20
#: What the sandbox's services ask each other.
_INTERNAL = "/oidc/.well-known"


@dataclass
class Flow:
    """One flow in a world of its own.

    Attributes:
        project: What it works on: a checkout, a tagged or promoted project, a publishing job.
        start: Starts a run with changes of its inputs; takes options of `StageRunner.start`.
        before: What the services hold before a run.
        goal: What they hold after a run without a fault.
        requests: What such a run asks for.
    """

    name: str
    sandbox: Sandbox
    project: Any
    start: Callable[..., RunningStage]
    before: Snapshot = field(init=False)
    goal: Standing = field(init=False)
    requests: tuple[LoggedRequest, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.before = Snapshot(self.sandbox)
        # The first run of an action in a session loads it, and has the machine's clock.
        loading = self.start({}).finish()
        assert loading.exit_status == 0, loading.log
        self.before.restore()
        honest = self.run()
        assert honest.exit_status == 0, honest.log
        self.goal = Standing.of(self.sandbox)
        self.requests = tuple(
            request for request in honest.requests if _INTERNAL not in request.path
        )
        again = self.run()
        assert (again.exit_status, again.changes) == (0, ()), again.log

    def end_tokens(self) -> None:
        """End the tokens that a run left: their hour is over before anybody runs it again."""
        world = self.sandbox.world
        for token in world.github.tokens.live(now=world.clock.now()):
            world.github.tokens.revoke(token.token)

    def run(self, environ: Mapping[str, str] | None = None, **options: Any) -> StageResult:
        """Run it to its end, in the sandbox's time."""
        return self.begin(environ, **options).finish(expect_revoked=False)

    def begin(self, environ: Mapping[str, str] | None = None, **options: Any) -> RunningStage:
        """Start a run in the sandbox's time; `inputs` are changes of what its workflow gives."""
        inputs = options.pop("inputs", {})
        options = {"skew_seconds": 0.0, **options}
        waiting = self.sandbox.world.faults.waiting()
        holds = any(fault.connection in HELD for fault in waiting)
        seconds = _HELD_SECONDS if holds else _OTHER_SECONDS
        limit = {EXCHANGE_VARIABLE: str(seconds)}
        return self.start(inputs, environ={**limit, **(environ or {})}, **options)
