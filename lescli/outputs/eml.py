"""The draft message of an answer (RFC 5322). A double-click opens it in the mail program, ready to check and send."""

from __future__ import annotations

from dataclasses import replace

from ..errors import LesError, UsageError
from .answer import Answer
from .table import one_line, refuse_nhs_numbers, visible

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_HEADER = 300
_BOUNDARY = "=_les-part-of-the-message_="


def eml(answer: Answer) -> bytes:
    """The draft, the same bytes for the same answer. UsageError when the answer has none.

    It has no Date and no From: the mail program adds them when the person sends it. LesError for a malformed address,
    or an NHS number in the text.
    """
    if answer.mail is None:
        raise UsageError(
            "the answer has no message to send",
            "`les claim SERVICE` writes one, once its address is set: `les services set SERVICE email=ADDRESS ...`",
        )
    # Imported here: the email package is large, and only this format needs it.
    from email.message import EmailMessage
    from email.policy import SMTP

    mail = answer.mail
    refuse_nhs_numbers(mail.subject, mail.body)
    message = EmailMessage(policy=SMTP)
    try:
        if mail.to:
            # People separate addresses with ";" as in Outlook. Mail needs ",".
            message["To"] = one_line(mail.to).replace(";", ",")
            if not all(address.domain for address in message["To"].addresses):
                raise ValueError
        # One line: a line end in a header would begin another header.
        message["Subject"] = one_line(mail.subject)
        message["X-Unsent"] = "1"  # Outlook then opens it as a draft and not as a received message.
        body = visible(mail.body.replace("\r\n", "\n").replace("\r", "\n"))
        # Quoted-printable is readable and every server passes it.
        message.set_content(body, charset="utf-8", cte="quoted-printable")
        if mail.attached_as:
            from .xlsx import xlsx

            main, _, sub = _WORKBOOK.partition("/")
            own = xlsx(replace(answer, workbook=b""))
            for name, content in ((mail.attached_as, own), *mail.attached):
                message.add_attachment(content, maintype=main, subtype=sub, filename=one_line(name))
            # Otherwise it would be drawn at random, and the same answer would have other bytes.
            message.set_boundary(_BOUNDARY)
        # A subject of plain letters stays on one line: some programs show nothing of one that begins on the next.
        length = _LONGEST_HEADER if mail.subject.isascii() else None
        return message.as_bytes(policy=SMTP.clone(max_line_length=length or SMTP.max_line_length))
    except (ValueError, IndexError):
        # IndexError: the standard library's parser raises it for some malformed addresses.
        raise LesError("the address of the message is not an e-mail address", "set `email` of the service") from None
