"""The register of one service, reckoned from what was written by hand and from the codes that put a patient on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .commands import Add, End, Load
from .record import EVER, FOREVER, OnRegister, Record, Written, alive, remember


@dataclass
class Time:
    """Days on the register, both inside, with what was written of them; `hand` is what was written by hand."""

    start: date
    end: date
    hand: OnRegister | None

    def covers(self, day: date) -> bool:
        """On the register on that day."""
        return self.start <= day <= self.end


def times(record: Record, nhs: str, codes: Iterable[date]) -> list[Time]:
    """A code opens a time on the register that nobody opened by hand, or one that began too late; an end closes it."""
    coded, found = sorted(codes), list[Time]()
    hands = [one for one in record.register if one.nhs == nhs]
    for hand in sorted(hands, key=lambda one: one.start or min(coded, default=date.max)):
        after = found[-1].end if found else date.min
        days = [day for day in coded if day > after][:1] + ([hand.start] if hand.start else [])
        if days:
            found.append(Time(min(days), hand.end or FOREVER, hand))
        elif coded:
            # The code that opened it has moved behind what came later: it ends before it begins.
            found.append(Time(FOREVER, hand.end or EVER, hand))
    after = found[-1].end if found else date.min
    for day in coded:
        if day > after:
            found.append(Time(day, FOREVER, None))
            break
    return found


def on_day(record: Record, nhs: str, codes: Iterable[date], day: date) -> Time | None:
    """The time that covers a day. It ends with a death; one that began after that holds for its first day."""
    for time in times_that_hold(record, nhs, codes):
        if time.covers(day) and (alive(record, nhs, day) or record.patients[nhs].doubted or time.start == day):
            return time
    return None


def times_that_hold(record: Record, nhs: str, codes: Iterable[date]) -> list[Time]:
    """The times that do not contradict one another."""
    coded = tuple(codes)
    return list(remember(record, ("times", nhs, coded), lambda: _times_that_hold(record, nhs, coded)))


def _times_that_hold(record: Record, nhs: str, codes: Iterable[date]) -> list[Time]:
    known = times(record, nhs, codes)
    if contradicts_itself(known):
        # What contradicts itself is taken for one.
        together = OnRegister(nhs, None, None, [told for one in known if one.hand for told in one.hand.written])
        known = [Time(min(one.start for one in known), max(one.end for one in known), together)]
    return known


def contradicts_itself(known: list[Time]) -> bool:
    """A code that moved has left a time that ends before it begins."""
    return any(one.end < one.start for one in known)


def detail(time: Time | None, name: str, day: date) -> str:
    """What the register said of something on a day; nothing where it said nothing."""
    told = [one for one in (time.hand.written if time and time.hand else []) if one.name == name and one.start <= day]
    return max(told, key=lambda one: one.start).value if told else ""


def write(record: Record, command: Add | Load | End, codes: Iterable[date]) -> None:
    """What a command that was taken says: which time it is about, and what of it."""
    known = times(record, command.nhs, codes)
    match command:
        case Add(nhs=nhs, details=details, start=start, on=on):
            day = start or on
            time = next((one for one in known if one.covers(day)), None) or _next(known, day)
            later = _next(known, time.start) if start and time and _says_it(time, details, start) else None
            if later and not details.keys() <= {told.name for told in _written(later) if told.start <= later.start}:
                # The time that covers the day says so already: the next one is meant, which does not.
                time, start = later, later.start
            by_code = time is not None and time is known[0] and (time.hand is None or time.hand.start is None)
            hand = _hand(record, nhs, known, time, day)
            if start and time and by_code and start < time.start:
                hand.start = start
            _say(hand, details, start or (time.start if time else day))
        case Load(nhs=nhs, entered=entered, ended=ended, details=details, start=start, on=on):
            if entered:
                time = _entered(known, entered, ended)
            else:
                time = next((one for one in known if one.covers(start or ended or on)), None)
                time = time or _next(known, start or ended or on)
            hand = _hand(record, nhs, known, time, entered or start or on)
            if entered and (hand.start is None or (time and entered < time.start)):
                hand.start = entered
            _say(hand, details, start or entered or (time.start if time else on))
            if ended:
                _end(hand, time, ended)
        case End(nhs=nhs, last=last):
            time = next((one for one in known if one.covers(last)), None)
            _end(_hand(record, nhs, known, time, last), time, last)


def _end(hand: OnRegister, time: Time | None, last: date) -> None:
    """The last day. A start written behind it says nothing: a code opened that time, and it begins with the code."""
    hand.end = last
    if hand.start and hand.start > last and time:
        hand.start = time.start


def _entered(known: list[Time], entered: date, ended: date | None) -> Time | None:
    """The time that began then; else one that a code opened: it has no start of its own, and is given this one."""
    by_code = [one for one in known if one.hand is None or one.hand.start is None]
    return (
        next((one for one in known if entered in (one.start, one.hand.start if one.hand else None)), None)
        or next((one for one in by_code if one.covers(entered)), None)
        or next((one for one in by_code if entered < one.start and not (ended and ended < one.start)), None)
    )


def _next(known: list[Time], day: date) -> Time | None:
    after = [one for one in known if day < one.start <= one.end]
    return min(after, key=lambda one: one.start, default=None)


def _says_it(time: Time, details: dict[str, str], start: date) -> bool:
    """A time that has ended says all of this on that day, and was told none of it on that very day."""
    if time.end == FOREVER or not details or not time.covers(start):
        return False
    told = {(one.name, one.start, one.value) for one in _written(time)}
    is_new = any((name, start, value) not in told for name, value in details.items())
    return is_new and all(detail(time, name, start) == value for name, value in details.items())


def _written(time: Time) -> list[Written]:
    return time.hand.written if time.hand else []


def _hand(record: Record, nhs: str, known: list[Time], time: Time | None, day: date) -> OnRegister:
    if time and time.hand:
        return time.hand
    opened_by_code = time is not None and time is known[0]
    hand = OnRegister(nhs, None if opened_by_code else time.start if time else day, None)
    record.register.append(hand)
    return hand


def _say(hand: OnRegister, details: dict[str, str], start: date) -> None:
    for name, value in details.items():
        hand.written = [one for one in hand.written if (one.name, one.start) != (name, start)]
        hand.written.append(Written(start, name, value))
