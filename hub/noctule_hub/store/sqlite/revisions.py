"""Who changes something says which revision they read; the store refuses to overwrite what they have not seen."""

from noctule_shared.errors import invalid


def check_revision(kind: str, present: int, read: int) -> None:
    """Raise `Refused` (invalid, field revision) unless `read` is the present revision of that object."""
    if present != read:
        raise invalid("revision", f"the {kind} was changed meanwhile (revision {present}); read it again first")
