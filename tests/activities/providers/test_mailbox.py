"""The mailbox: what a developer, a demo and the tests find in the folder is what a customer would have got."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.channels import EMAIL, SMS
from activities.delivery import Accepted, Refused, Unavailable
from activities.providers.mailbox import Mailbox
from tests.activities.providers.deliveries import HTML, LONG_LINK, TEXT, a_text, an_email


def files(folder: Path) -> list[Path]:
    """What lies in a folder."""
    return list(folder.iterdir())


AWKWARD = [
    pytest.param("Hello", id="one line"),
    pytest.param("", id="nothing"),
    pytest.param("Hello\n", id="a line break at the end"),
    pytest.param("Hello\n\n", id="two line breaks at the end"),
    pytest.param("\n\nHello", id="line breaks at the start"),
    pytest.param("From here on\n.dots\n..\n.\n", id="what mailboxes and servers treat specially"),
    pytest.param("Trailing spaces  \nand tabs\t\n=3D and =\n", id="what an encoding could eat"),
    pytest.param("Žluťoučký kůň 🐎 中文 עברית\u2028\u0085x", id="other letters"),
    pytest.param("x" * 5000, id="one long line"),
]


async def test_an_email_comes_back_as_it_was(tmp_path: Path) -> None:
    """Whoever opens the mailbox sees the words, the HTML, the address and the time of the message."""
    mailbox = Mailbox(tmp_path)
    assert isinstance(await mailbox.deliver(an_email()), Accepted)
    [kept] = mailbox.messages()
    assert (kept.key, kept.channel, kept.to) == (an_email().key, EMAIL, "ada@example.com")
    assert (kept.subject, kept.text, kept.html) == ("Váš účet je skoro hotov 🎉", TEXT, HTML)
    assert kept.at == datetime(2026, 11, 5, 9, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("words", AWKWARD)
async def test_awkward_words_come_back_as_they_were(words: str, tmp_path: Path) -> None:
    """No word, line break or letter is lost on the way into the mailbox and out."""
    mailbox = Mailbox(tmp_path)
    await mailbox.deliver(an_email(text=words, html=words, key="msg_1"))
    await mailbox.deliver(a_text(text=words, key="msg_2"))
    kept = [mailbox.message("msg_1"), mailbox.message("msg_2")]
    assert [each and each.text for each in kept] == [words, words]
    assert kept[0]
    assert kept[0].html == words


async def test_a_text_message_has_no_subject(tmp_path: Path) -> None:
    """A text message comes back with its number and words, and without a subject it never had."""
    mailbox = Mailbox(tmp_path)
    await mailbox.deliver(a_text())
    [kept] = mailbox.messages()
    assert (kept.channel, kept.to, kept.subject, kept.html) == (SMS, "+447700900123", "", "")


async def test_the_same_message_twice_is_one_file(tmp_path: Path) -> None:
    """A message that is tried again after a crash is in the mailbox once."""
    mailbox = Mailbox(tmp_path)
    first = await mailbox.deliver(an_email())
    second = await Mailbox(tmp_path).deliver(an_email())
    assert first == second == await mailbox.look_up(an_email().key)
    assert len(files(tmp_path)) == 1


async def test_files_can_be_read_without_a_mail_program(tmp_path: Path) -> None:
    """A developer who opens the file in an editor sees links that can be clicked, whole."""
    await Mailbox(tmp_path).deliver(an_email())
    [file] = files(tmp_path)
    content = file.read_text("utf-8")
    assert TEXT in content.replace("\r\n", "\n")
    assert f"List-Unsubscribe: <{LONG_LINK}>\n" in content


async def test_the_newest_messages_come_first(tmp_path: Path) -> None:
    """The mailbox page shows the last messages on top and no more than it was asked for."""
    mailbox = Mailbox(tmp_path)
    for n in range(5):
        at = an_email().decided_at + timedelta(days=n)
        await mailbox.deliver(replace(an_email() if n % 2 else a_text(), key=f"msg_{n}", decided_at=at))
    assert [kept.key for kept in mailbox.newest(3)] == ["msg_4", "msg_3", "msg_2"]
    assert [kept.key for kept in mailbox.newest(99)] == ["msg_4", "msg_3", "msg_2", "msg_1", "msg_0"]
    assert mailbox.newest(0) == mailbox.newest(-1) == []
    assert [kept.key for kept in mailbox.messages()] == ["msg_0", "msg_1", "msg_2", "msg_3", "msg_4"]


@pytest.mark.parametrize("key", ["", "*", "msg_*", "../secret", "..", "email-msg_1", "sg_1", "msg_1.eml", "\0"])
async def test_only_messages_can_be_asked_for(key: str, tmp_path: Path) -> None:
    """Whatever stands in the address line, only a message of that very key is shown."""
    (tmp_path / "secret.eml").write_text("secret")
    mailbox = Mailbox(tmp_path / "mail")
    await mailbox.deliver(an_email(key="msg_1"))
    assert mailbox.message(key) is None
    assert await mailbox.look_up(key) is None
    assert mailbox.message("msg_1")


def test_a_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    """A wrong folder is named when the program starts, not when the first message is lost."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OSError, match=r"the mailbox cannot use .*file"):
        Mailbox(tmp_path / "file")


async def test_a_folder_that_goes_away_keeps_the_message(tmp_path: Path) -> None:
    """A disk that is full or gone keeps the message for later, and staff read which folder it is about."""
    mailbox = Mailbox(tmp_path / "mail")
    (tmp_path / "mail").rmdir()
    verdict = await mailbox.deliver(an_email())
    assert isinstance(verdict, Unavailable)
    assert str(tmp_path / "mail") in verdict.reason


async def test_what_is_no_email_is_refused(tmp_path: Path) -> None:
    """The mailbox refuses what no provider would carry, so that a rehearsal shows it."""
    mailbox = Mailbox(tmp_path)
    assert isinstance(await mailbox.deliver(an_email(subject="x\r\nBcc: everyone@example.com")), Refused)
    assert isinstance(await mailbox.deliver(an_email(text="\ud800")), Refused)
    assert files(tmp_path) == []
