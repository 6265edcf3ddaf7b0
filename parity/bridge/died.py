"""R's end, as its session sees it."""


class RDied(Exception):  # noqa: N818 (an event that is passed on, not an error of ours)
    """The R behind a command has ended, with a status."""

    def __init__(self, code: int) -> None:
        super().__init__(f"R ended with status {code}")
        self.code = code
