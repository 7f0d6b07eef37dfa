"""Keeping workers busy: executor and progress, processes, this process, and the loop."""
