"""By which goal all accounts were counted, so that a changed one is noticed."""

from sqlmodel import Field, SQLModel


class Recount(SQLModel, table=True):
    """How far the counting of all accounts by a journey's goal has come."""

    __tablename__ = "recounts"

    journey: str = Field(primary_key=True)
    goal: str = ""  # in words, by which all have been counted
    counting: str = ""  # likewise, by which some have
    after: str = ""  # id of the last of those
