"""Where `noctule login` keeps a sign-in: one file, 0600, in the user's configuration folder."""

import os
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from noctule_hub.cli.errors import CommandError

FILE_NAME: Final = "profile.json"
DEFAULT_URL: Final = "http://127.0.0.1:5000"


class Profile(msgspec.Struct, frozen=True, rename="camel"):
    """A sign-in to one hub; `access_expires_ms` is epoch milliseconds by this machine's clock."""

    url: str
    username: str
    access_token: str
    access_expires_ms: int
    refresh_secret: str

    def __repr__(self) -> str:
        return f"Profile(url={self.url!r}, username={self.username!r}, ***)"


def config_folder() -> Path:
    """Return `$NOCTULE_CONFIG_DIR`, else `$XDG_CONFIG_HOME/noctule`, else `~/.config/noctule`."""
    own, base = os.environ.get("NOCTULE_CONFIG_DIR"), os.environ.get("XDG_CONFIG_HOME")
    if own:
        return Path(own)
    return (Path(base) if base else Path.home() / ".config") / "noctule"


def load_profile() -> Profile | None:
    """Return the kept sign-in, None when there is none. Raises `CommandError` for a damaged file."""
    path = config_folder() / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Profile)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError:
        raise CommandError(f"{path}: is damaged; remove it and sign in again with: noctule login URL") from None


def save_profile(profile: Profile) -> Path:
    """Keep a sign-in, replacing the one before in one step; returns the file. Raises `CommandError`."""
    folder = config_folder()
    path = folder / FILE_NAME
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
