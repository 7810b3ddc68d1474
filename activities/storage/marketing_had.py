"""Marketing that a customer has had, or may have had: what frequency caps count, and what staff see of it."""

from sqlalchemy import bindparam
from sqlmodel import col, select

from activities.channels import MessageClass
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Message

HAD = select(Message.channel, Message.decided_at).where(
    col(Message.customer_id) == bindparam("customer_id"),
    col(Message.decided_at) > bindparam("since"),
    col(Message.message_class) == MessageClass.MARKETING.value,
    col(Message.state).in_(SENT_OR_MAY_BE),
)
"""Channel and journey instant of each, for a `customer_id`, `since` a journey instant."""
