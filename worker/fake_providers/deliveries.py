"""What the fakes delivered, and the keys that they keep."""

from datetime import UTC, datetime

from worker.fake_providers.core import FakeProvider, Reply, Request, Sending, Sent


class Deliveries:
    """Everything that went out. A request with a key that came before delivers nothing and is answered as before."""

    def __init__(self) -> None:
        self.all: list[Sent] = []
        self._keys: dict[tuple[str, str], tuple[bytes, Reply]] = {}
        self._numbers = 0  # goes on after `clear`: ids stay unique

    def of(self, provider: str) -> list[Sent]:
        """What one provider delivered, the oldest first."""
        return [each for each in self.all if each.provider == provider]

    def take(self, fake: FakeProvider, sending: Sending, request: Request, entry: str) -> tuple[Reply, Sent | None]:
        """Deliver, unless the key says that it was done.

        Args:
            fake: the provider.
            sending: what is asked for.
            request: that asks.
            entry: its id in the journal.

        Returns:
            The answer, and what went out; None where nothing did.
        """
        key = (fake.name, sending.idempotency_key)
        if sending.idempotency_key and key in self._keys:
            body, reply = self._keys[key]
            return (fake.repeated(sending, reply) if body == request.body else fake.conflict(sending)), None
        self._numbers += 1
        new = Sent(fake.new_id(self._numbers), fake.name, entry, sending, datetime.now(UTC))
        self.all.append(new)
        reply = fake.accepted(sending, new.id)
        if sending.idempotency_key:
            self._keys[key] = (request.body, reply)
        return reply, new

    def clear(self) -> None:
        """Forget all, keys too."""
        self.all.clear()
        self._keys.clear()
