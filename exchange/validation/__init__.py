"""How one message is judged: the layers in order, the explanation of faults, codes, rules.

Nothing here reads a file or knows of deliveries. Read `pipeline` first, then `checks` and `rules`.
"""
