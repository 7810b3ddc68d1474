"""The course of a journey, as its code has it."""

from functools import cache

from activities.storage.places import Course
from api.course import PictureCourse
from worker.pictures import drawer
from workflows import catalogue


@cache
def course(journey: str) -> Course:
    """That of a journey with its own parameters; drawn once a process.

    Args:
        journey: its name.
    """
    picture = drawer(catalogue())(journey, catalogue()[journey].resolve({}), frozenset())
    assert picture is not None
    return PictureCourse(picture)
