#!/usr/bin/env python3
"""Resolves an address and prints the leading cities, through a running gateway.

The contract is read from the gateway by gRPC reflection, so there are no stubs to generate.

    python3 resolve_and_rank.py http://127.0.0.1:7340 "Dept. of Physics, Univ. of Oxford, UK"
"""

import sys

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # noqa: F401  (registers the types)
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


class Gateway:
    """Calls unary methods of a gateway by name, with plain dictionaries in and out."""

    def __init__(self, url: str):
        self.channel = grpc.insecure_channel(url.split("://")[-1])
        self.pool = DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))

    def call(self, service: str, method: str, request: dict) -> dict:
        descriptor = self.pool.FindServiceByName(service).FindMethodByName(method)
        message = json_format.ParseDict(request, GetMessageClass(descriptor.input_type)())
        response_class = GetMessageClass(descriptor.output_type)
        invoke = self.channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=response_class.FromString,
        )
        return json_format.MessageToDict(invoke(message, timeout=10))


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    gateway = Gateway(sys.argv[1])

    answer = gateway.call("whence.affiliation.v1.AffiliationService", "ResolveAffiliation", {"affiliation": sys.argv[2]})
    for institution in answer["resolution"].get("institutions", []):
        confidence = institution["confidenceTenThousandths"] / 10_000
        city = institution.get("city", {}).get("name", "place unknown")
        print(f"{institution['rorId']}  {institution['name']}  {city}  confidence {confidence:.2f}")

    ranking = gateway.call(
        "whence.metrics.v1.MetricsService", "ListRankings", {"entityKind": "ENTITY_KIND_CITY", "pageSize": 5}
    )
    for row in ranking.get("rows", []):
        entity = row["entityShare"]
        share = entity["share"]
        exact = int(share.get("articles", 0)) + int(share.get("units", 0)) / 10**12
        print(f"{row['rank']:>3}  {entity['name']:<30}  Share {exact:8.2f}  Count {entity['count']}")


if __name__ == "__main__":
    main()
