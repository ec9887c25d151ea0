"""Words about customers and their services that cross the wire to browsers and programs."""

from enum import StrEnum

import msgspec


class CustomerState(StrEnum):
    """How the hub treats a customer. Closed: the contract has ended, its services hear and tell nothing any more."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class SuspensionReason(StrEnum):
    """Why a customer is suspended."""

    NON_PAYMENT = "non-payment"
    ABUSE = "abuse"
    REQUESTED = "requested"
    OTHER = "other"


class ServiceState(StrEnum):
    """How a customer's service is, as the customer sees it."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class ServiceRef(msgspec.Struct, frozen=True, rename="camel"):
    """A customer's service that an event is about, as the customer calls it. Each customer sees its own ones alone."""

    customer_id: int
    service_id: int
    label: str
