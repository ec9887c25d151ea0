"""Where `noctule login` keeps sign-ins: a file each, 0600, in the user's configuration folder.

Several are told apart by names: `noctule --profile NAME`, or NOCTULE_PROFILE.
"""

import os
import re
import tempfile
from pathlib import Path
from typing import Final

import click
import msgspec

from noctule_hub.cli.errors import CommandError

PROFILE_ENV: Final = "NOCTULE_PROFILE"
MAX_PROFILE_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)
DEFAULT_URL: Final = "http://127.0.0.1:5000"


class Profile(msgspec.Struct, frozen=True, rename="camel"):
    """A sign-in to one hub; `access_expires_ms` is epoch milliseconds by this machine's clock.

    `ca` is the file of the certificate authorities to trust, None: the system's.
    """

    url: str
    username: str
    access_token: str
    access_expires_ms: int
    refresh_secret: str
    ca: str | None = None

    def __repr__(self) -> str:
        return f"Profile(url={self.url!r}, username={self.username!r}, ***)"


def config_folder() -> Path:
    """Return `$NOCTULE_CONFIG_DIR`, else `$XDG_CONFIG_HOME/noctule`, else `~/.config/noctule`."""
    own, base = os.environ.get("NOCTULE_CONFIG_DIR"), os.environ.get("XDG_CONFIG_HOME")
    if own:
        return Path(own)
    return (Path(base) if base else Path.home() / ".config") / "noctule"


def check_profile_name(_context: object, _parameter: object, name: str | None) -> str | None:
    """Return a profile's name; click reports what is not one."""
    if name is not None and not _NAME.fullmatch(name):
        raise click.BadParameter("must have 1 to 32 letters, digits or . _ - and begin with a letter or digit")
    return name


def profile_file() -> Path:
    """Return the file of the profile that this command was called with."""
    context = click.get_current_context(silent=True)
    name = context.find_root().params.get("profile") if context is not None else None
    return config_folder() / (f"profile-{name}.json" if name else "profile.json")


def load_profile() -> Profile | None:
    """Return the kept sign-in, None when there is none.

    Raises `CommandError` for a file that is damaged or that others may read.
    """
    path = profile_file()
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode & 0o777
            if mode & 0o077:
                raise CommandError(f"{path}: mode {mode:03o} lets others in; mend it with: chmod 600 '{path}'")
            return msgspec.json.decode(stream.read(MAX_PROFILE_BYTES), type=Profile)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError:
        raise CommandError(f"{path}: is damaged; remove it and sign in again with: noctule login URL") from None


def save_profile(profile: Profile) -> Path:
    """Keep a sign-in, replacing the one before in one step; returns the file. Raises `CommandError`."""
    path = profile_file()
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes it 0600 before there is anything in it.
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".profile-")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.encode(profile))
        Path(temporary).replace(path)
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    return path


def remove_profile() -> None:
    """Forget the kept sign-in; there may be none. Raises `CommandError`."""
    path = profile_file()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(f"{path}: cannot be removed: {error.strerror}") from error
