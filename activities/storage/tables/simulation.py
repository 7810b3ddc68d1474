"""Simulated customers: that there are some, so that nobody takes the numbers for real ones."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class Simulation(SQLModel, table=True):
    """The one simulated population of this system."""

    __tablename__ = "simulations"

    id: int = Field(default=1, primary_key=True)
    people: int  # how many have registered
    a_day: float  # how many register in a day of the journey clock
    lived_until: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
