"""Keeping workers busy: the executor interface, processes, this process, and the loop."""
