"""What a person at the terminal reads."""

from infra.lines import line
from infra.supervisor import Event

AT = {"announced_ns": 0, "bed": "icu-1", "priority": "high", "text": "Asystole: no QRS for 4.0 s"}


def test_an_alert_that_is_passed_on_is_shown_with_whom_it_goes_to() -> None:
    shown = line(Event("alerts", "escalation", AT | {"id": "a", "to": "charge nurse"}), colour=False)
    assert "*** unanswered, passed on to the charge nurse: Asystole: no QRS for 4.0 s" in shown
    assert "icu-1" in shown


def test_a_notice_that_becomes_an_alert_is_shown_once() -> None:
    notice = {"code": "NO_DATA", "bed": "icu-1", "text": "bed icu-1 sends no signal", "level": "medium"}
    assert line(Event("alerts", "notice", notice | {"alert": True}), colour=False) == ""
    assert "sends no signal" in line(Event("alerts", "notice", notice | {"alert": False}), colour=False)
    alert = {"event": "alert", "phase": "onset", "priority": "medium", "text": notice["text"]}
    assert "** " in line(Event("alerts", "alert", AT | alert), colour=False)
