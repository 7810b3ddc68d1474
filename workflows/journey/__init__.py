"""The language journeys are written in.

A journey is a class with `@workflow.defn`, a few facts about itself at the top, and a `run` that reads
like the description it came from. This package gives it its verbs.
"""

from activities.channels import EMAIL, PUSH, SMS, Channel
from activities.messages import Promise, Reward
from activities.send_window import SendWindow
from workflows.journey.base import Journey
from workflows.journey.conditions import Condition, ProfileHas
from workflows.journey.economy import Cap, Earn, EconomyRules
from workflows.journey.enrollment import Enrollment, Outcome
from workflows.journey.events import Event
from workflows.journey.goals import Goal
from workflows.journey.history import ByParameter, Clicked, Delivered, Happened, Opened, Sent
from workflows.journey.parameters import Parameter
from workflows.journey.receipts import Given, Receipt
from workflows.journey.rules import Profile, Property, Setting
from workflows.journey.split import Split
from workflows.journey.templates import Template
from workflows.journey.triggers import On, Reentry
from workflows.journey.webhooks import From, Secret, Webhook

__all__ = [
    "EMAIL",
    "PUSH",
    "SMS",
    "ByParameter",
    "Cap",
    "Channel",
    "Clicked",
    "Condition",
    "Delivered",
    "Earn",
    "EconomyRules",
    "Enrollment",
    "Event",
    "From",
    "Given",
    "Goal",
    "Happened",
    "Journey",
    "On",
    "Opened",
    "Outcome",
    "Parameter",
    "Profile",
    "ProfileHas",
    "Promise",
    "Property",
    "Receipt",
    "Reentry",
    "Reward",
    "Secret",
    "SendWindow",
    "Sent",
    "Setting",
    "Split",
    "Template",
    "Webhook",
]
