"""Providers of Google and GitHub that change nothing: Terraform itself plans and applies with them.

They speak Terraform's plugin protocol in this process, and hold what was applied in memory.

Spec: https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as services

from dist_sandbox.organisation import Organisation
from support.terraform.schemas import DATA_SOURCES, PROVIDERS, RESOURCES, Schema, State

SOURCES = {"google": "hashicorp/google", "github": "integrations/github"}

#: How a value that is known after the apply is written.
UNKNOWN = msgpack.ExtType(0, b"\0")


@dataclass
class Providers:
    """Where the providers answer, and what was applied.

    Attributes:
        environment: The variable by which Terraform finds them.
        applied: The resources: their type, and their values.
        repositories: Those of which GitHub knows.
    """

    environment: dict[str, str] = field(default_factory=dict)
    applied: list[tuple[str, State]] = field(default_factory=list)
    repositories: list[Organisation] = field(default_factory=lambda: [Organisation()])


@contextmanager
def serve_providers(folder: Path) -> Iterator[Providers]:
    """Serve both providers on sockets in a folder."""
    providers, addresses = Providers(), {}
    with ExitStack() as closing:
        for name, source in SOURCES.items():
            server = grpc.server(closing.enter_context(ThreadPoolExecutor(8)))
            services.add_ProviderServicer_to_server(_Provider(name, providers), server)
            socket = folder / f"{name}.sock"
            server.add_insecure_port(f"unix://{socket}")
            server.start()
            closing.callback(server.stop, None)
            addresses[source] = {
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": os.getpid(),
                "Test": True,  # it is not Terraform's to end
                "Addr": {"Network": "unix", "String": str(socket)},
            }
        providers.environment["TF_REATTACH_PROVIDERS"] = json.dumps(addresses)
        yield providers


class _Provider(services.ProviderServicer):  # type: ignore[misc] # grpc has no types
    """One provider; its methods have the names of the protocol."""

    def __init__(self, name: str, providers: Providers) -> None:
        self._schema = PROVIDERS[name]
        self._resources = RESOURCES[name]
        self._data_sources = DATA_SOURCES[name]
        self._providers = providers

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return messages.GetProviderSchema.Response(
            provider=_message(self._schema),
            resource_schemas={name: _message(row) for name, row in self._resources.items()},
            data_source_schemas={name: _message(row) for name, row in self._data_sources.items()},
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return messages.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return messages.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return messages.ConfigureProvider.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = json.loads(request.raw_state.json)
        return messages.UpgradeResourceState.Response(upgraded_state=_encode(state))

    def ReadResource(self, request: Any, context: Any) -> Any:
        return messages.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        state = _decode(request.proposed_new_state)
        if state is not None:
            computed = {"id": "", **self._resources[request.type_name].computed}
            state |= {name: UNKNOWN for name in computed if state[name] is None}
        return messages.PlanResourceChange.Response(planned_state=_encode(state))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        state = _decode(request.planned_state)
        if state is not None:
            answer = {"id": request.type_name, **self._resources[request.type_name].answer(state)}
            state |= {name: value for name, value in answer.items() if state[name] == UNKNOWN}
            self._providers.applied.append((request.type_name, state))
        return messages.ApplyResourceChange.Response(new_state=_encode(state))

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        state = _decode(request.config)
        state |= {"id": request.type_name, **self._data_sources[request.type_name].answer(state)}
        if "endpoint" in state:
            state |= self._ask_github(state["endpoint"])
        return messages.ReadDataSource.Response(state=_encode(state))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return messages.StopProvider.Response()

    def _ask_github(self, endpoint: str) -> State:
        """Answer as GitHub's API does when it is asked for a repository."""
        for row in self._providers.repositories:
            if endpoint == f"repos/{row.github_repository}":
                body = {"id": row.repository_id, "owner": {"id": row.owner_id}}
                return {"code": 200, "body": json.dumps(body)}
        return {"code": 404, "body": "{}"}


def _decode(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack)


def _encode(state: State | None) -> Any:
    return messages.DynamicValue(msgpack=msgpack.packb(state))


def _message(schema: Schema) -> Any:
    """Write a schema of a provider, a resource or a data source."""
    return messages.Schema(version=0, block=_block(schema, has_id=schema not in PROVIDERS.values()))


def _block(schema: Schema, *, has_id: bool = False) -> Any:
    attribute, nested = messages.Schema.Attribute, messages.Schema.NestedBlock
    attributes = [
        *(
            attribute(name=name, type=kind.encode(), required=True)
            for name, kind in schema.required.items()
        ),
        *(
            attribute(name=name, type=kind.encode(), optional=True)
            for name, kind in schema.optional.items()
        ),
        *(
            attribute(name=name, type=kind.encode(), computed=True)
            for name, kind in schema.computed.items()
        ),
    ]
    if has_id:
        attributes.append(attribute(name="id", type=b'"string"', computed=True))
    blocks = [
        nested(
            type_name=name,
            block=_block(row),
            nesting=nested.LIST,
            max_items=1 if name in schema.single else 0,
        )
        for name, row in schema.blocks.items()
    ]
    return messages.Schema.Block(attributes=attributes, block_types=blocks)
