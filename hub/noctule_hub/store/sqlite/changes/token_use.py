"""When a program's token was last used, and from where."""

from sqlite_utils import Database


def add_token_use(db: Database) -> None:
    """Keep the last use of each program's token; of those that there are nothing is known yet."""
    db.execute("ALTER TABLE api_token ADD COLUMN used_ms INTEGER")
    db.execute("ALTER TABLE api_token ADD COLUMN used_address TEXT")
