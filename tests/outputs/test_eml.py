from __future__ import annotations

import dataclasses
from email import message_from_bytes
from email.policy import SMTP

import pytest

from lescli.errors import LesError, UsageError
from lescli.outputs import Answer
from lescli.outputs.eml import eml


def draft(answer: Answer, **changes: str) -> bytes:
    assert answer.mail
    return eml(dataclasses.replace(answer, mail=dataclasses.replace(answer.mail, **changes)))


def test_the_draft_is_unsent_and_has_the_text_of_the_mail(answer: Answer) -> None:
    message = message_from_bytes(eml(answer), policy=SMTP)
    assert (message["To"], message["Subject"], message["X-Unsent"]) == ("claims@example.org", "Claim", "1")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == "Dear all,\n\n£240.00\n"


def test_a_draft_is_the_same_bytes_at_any_time(answer: Answer) -> None:
    message = message_from_bytes(eml(answer), policy=SMTP)
    assert not {"Date", "Message-ID", "From"} & set(message.keys())
    assert eml(answer) == eml(answer)
    assert b"boundary" not in eml(answer)


def test_lines_are_short_and_end_in_crlf(answer: Answer) -> None:
    content = draft(answer, body="é" * 3000 + "\r\n.\rend\n", subject="ü" * 300)
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
    body = message_from_bytes(content, policy=SMTP).get_content()
    assert body.split("\r\n") == ["é" * 3000, ".", "end", ""]


def test_a_subject_cannot_begin_another_header(answer: Answer) -> None:
    message = message_from_bytes(draft(answer, subject="a\r\nBcc: x@example.org", to="a@b.org;c@d.org"), policy=SMTP)
    assert "Bcc" not in message
    assert [address.addr_spec for address in message["To"].addresses] == ["a@b.org", "c@d.org"]


@pytest.mark.parametrize("address", ["claims", "claims@", "<<@", "a@b.org, c"])
def test_a_malformed_address_is_refused(answer: Answer, address: str) -> None:
    with pytest.raises(LesError, match="not an e-mail address"):
        draft(answer, to=address)


def test_a_draft_without_an_address_can_be_addressed_by_hand(answer: Answer) -> None:
    assert b"To:" not in draft(answer, to="")


@pytest.mark.parametrize("field", ["subject", "body"])
def test_a_mail_with_an_nhs_number_is_refused(answer: Answer, field: str) -> None:
    with pytest.raises(LesError, match="outside the practice"):
        draft(answer, **{field: "about 9990000018"})


def test_no_mail_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="les claim"):
        eml(Answer(data={}, title="", grids=()))
