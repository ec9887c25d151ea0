"""Whose certificates the command line trusts: the system's authorities, or those of a file."""

import os
import ssl
from typing import Final

from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.profile import Profile

ENV_CA: Final = "NOCTULE_CA_FILE"


def ca_file(given: str | None = None, profile: Profile | None = None) -> str | None:
    """Return the file of the authorities to trust: given, `NOCTULE_CA_FILE`, as at the sign-in; None: the system's."""
    return given or os.environ.get(ENV_CA) or (profile.ca if profile else None)


def tls_context(ca: str) -> ssl.SSLContext:
    """Return TLS that trusts the authorities of a file alone. Raises `CommandError`."""
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        raise CommandError(f"{ca}: holds no certificate authorities in PEM") from error
    except OSError as error:
        raise CommandError(f"{ca}: cannot be read: {error.strerror}") from error
