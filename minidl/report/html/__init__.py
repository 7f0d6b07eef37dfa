"""Telling, in one page: a file that is sent to people, opens anywhere and asks for nothing."""
