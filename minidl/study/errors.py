"""The one exception for what the user can fix: wrong input, a wrong folder, a busy store."""


class InputError(ValueError):
    """Bad input. Its text is one line: where it is, what came, and what is allowed."""
