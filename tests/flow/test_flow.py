"""Frames in, alerts out, through the pure steps that the processes call: no broker, no database, a set clock."""

from alerts.lifecycle import Alert, AlertState, acknowledge, join, on_trigger
from engine.interpreter import interpret
from ingest.codec import decode_bundle, encode_bundles, encode_frame
from ingest.frame import Frame, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.offline import frames
from stream.trigger import Phase, decode_segment, encode_segment


def test_an_asystole_becomes_one_alert_with_an_interpretation_that_latches() -> None:
    bank, alerts, now = Bank(0.0), {}, Nanoseconds(1)
    for frame in frames(simulate(SCENARIOS["asystole"], 40.0, seed=1, name="bed"), 0.25):
        ((payload, _),) = encode_bundles([encode_frame(frame)])
        found = bank.take([f for f in decode_bundle(payload) if isinstance(f, Frame)])
        for trigger in found.triggers:
            alerts[trigger.id], _ = on_trigger(alerts.get(trigger.id), trigger, now)
        for segment in found.segments:
            answer = interpret(decode_segment(encode_segment(segment)), None, now)
            if segment.trigger.phase is Phase.ONSET:
                alerts[answer.trigger], _ = join(alerts[answer.trigger], answer, now)
    (red,) = (a for a in alerts.values() if a.code == "ASYSTOLE")
    assert isinstance(red, Alert)
    assert red.state is AlertState.LATCHED
    assert "Asystole: no QRS for 4.0 s" in red.interpretation.report
    assert acknowledge(red, "mary", now)[0].state is AlertState.RESOLVED
