"""A receiver to practise with: takes messages and deliveries, answers with receipts, and misbehaves as a scenario says.

    receiver = Receiver(read_scenario(Path("faults.toml")), new_head=new_head)
    answer = receiver.receive(delivery)      # Answer(unavailable, receipts)
    receiver.waiting()                       # receipts that come later

`serving` answers over HTTP on this machine, `Receiver.take_from` by folder. Read `scenario` first. For tests only: nothing
is kept, and a message is judged as if no other had come before.
"""

from __future__ import annotations

from exchange.practice.receiver import Answer, Receiver
from exchange.practice.scenario import Fault, read_scenario, scenario_of
from exchange.practice.serving import serving

__all__ = ["Answer", "Fault", "Receiver", "read_scenario", "scenario_of", "serving"]
