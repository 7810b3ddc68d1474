"""What all tables share."""

from sqlalchemy import BigInteger, Integer
from sqlmodel import SQLModel

# SQLite numbers rows by itself only in an INTEGER primary key.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

# Every constraint has a name, so that a later migration can speak of it on both databases.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}
