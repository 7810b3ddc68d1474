"""Why staff act, in their own words."""

from starlette.datastructures import FormData

from api.pages.frame import text_of

LONGEST = 500


def reason_in(form: FormData, *, required: bool) -> tuple[str, str]:
    """The reason in a form, and what is wrong with it; nothing is if that is empty.

    Args:
        form: as sent.
        required: whether there must be one.
    """
    reason = " ".join(text_of(form, "reason").split())
    if required and not reason:
        return "", "Please say why: others read it later."
    if len(reason) > LONGEST:
        return reason, f"Please use at most {LONGEST} characters."
    return reason, ""
