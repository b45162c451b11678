"""The demo's stand-in for the province's single sign-on: a provider of OpenID Connect that asks for no password.

`run.py` starts it as a process of its own, on the loopback address. No worker of the product imports it, and it knows
nothing of the product but config.py: its modules name each other relatively, so that it starts without the rest.
Whoever comes picks one of PEOPLE, or says who he is, each time anew. It leads back to addresses of this very machine
only. Codes, tokens and keys are in memory and end with it.
"""
