"""The error of a value that cannot be taken."""


class WrongValueError(ValueError):
    """What is wrong, then what helps, in words a customer can read.

    Args:
        detail: one or two sentences.
        short: the same in a few words, for the summary above a form.
        parts: names of the inputs at fault, where one value has several.
    """

    def __init__(self, detail: str, short: str = "", parts: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.short = short or detail
        self.parts = parts
