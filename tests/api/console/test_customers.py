"""Finding customers in the console, and creating one by hand."""

from activities.storage import audit
from activities.storage.tables import Customer
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

LIST, FORM = "/console/customers", "/console/customers/new"


async def test_the_latest_customers_come_first(api: Server, viewer: Browser) -> None:
    """Staff see who came last, and in which journey each is."""
    await api.register(first_name="Ada", email="ada@example.com")
    await api.register(first_name="Grace", email="grace@example.com")
    page = (await viewer.get(LIST)).text
    assert page.index("Grace") < page.index("Ada")
    assert "data-collection-voucher" in page


async def test_long_lists_go_on_where_the_page_ended(api: Server, viewer: Browser) -> None:
    """Page after page shows each customer once."""
    for number in range(52):
        await api.register(first_name=f"Number{number:02}x", email=f"{number}@example.com")
    first = (await viewer.get(LIST)).text
    older = first.partition(f"{LIST}?before=")[2].partition('"')[0]
    second = (await viewer.get(f"{LIST}?before={older}")).text
    shown = [f"Number{number:02}x" in first for number in range(52)]
    assert sum(shown) == 50
    assert [f"Number{number:02}x" in second for number in range(52)] == [not each for each in shown]


async def test_nobody_there_yet_says_who_would_be(viewer: Browser) -> None:
    """An empty system says how customers appear."""
    assert "Nobody here" in (await viewer.get(LIST)).text


async def test_a_customer_is_found_by_email_phone_and_id(api: Server, viewer: Browser) -> None:
    """One field finds by whatever the caller tells support, and nothing personal is in the address that follows."""
    known = await api.register(id="c-1", first_name="Ada", email="ada@example.com", phone="+447911123456")
    for wanted in ("ADA@example.com", "+44 7911 123456", "07911 123456", "c-1", known["customer_id"]):
        answer = await viewer.submit(LIST, f"{LIST}/find", q=wanted)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{known['customer_id']}"), wanted


async def test_a_household_that_shares_a_phone_is_listed(api: Server, viewer: Browser) -> None:
    """Where a phone belongs to two, staff choose."""
    for name in ("Ada", "Grace"):
        await api.register(first_name=name, email=f"{name}@example.com", phone="+447911123456")
    answer = await viewer.submit(LIST, f"{LIST}/find", q="+447911123456")
    assert answer.status_code == 200
    assert "Ada" in answer.text
    assert "Grace" in answer.text


async def test_nobody_found_is_told(viewer: Browser) -> None:
    """A wrong address finds nobody, and says so without a dead end."""
    for wanted in ("nobody@example.com", "12", "<i>"):
        answer = await viewer.submit(LIST, f"{LIST}/find", q=wanted)
        assert "Nobody found" in answer.text
        assert "<i>" not in answer.text


async def test_support_creates_a_customer_by_hand(api: Server, support: Browser) -> None:
    """A customer typed in enters the journeys that fit, is marked as such, and it is written down who did it."""
    answer = await support.submit(
        FORM, FORM, first_name="Ada", email="ada@example.com", country="GB", phone="07911 123456", consent_sms="no"
    )
    assert answer.status_code == 303
    customer_id = answer.headers["location"].rpartition("/")[2].partition("?")[0]
    customer = api.rows(lambda session: session.get_one(Customer, customer_id))
    assert (customer.source, customer.phone, customer.country) == ("manual", "+447911123456", "GB")
    actions = api.rows(lambda session: audit.entries(session, subject=("customer", customer_id)))
    assert [(entry.actor_name, entry.action) for entry in actions] == [("Robin Support", "customer.create")]
    page = (await support.get(answer.headers["location"])).text
    assert "Created." in page
    assert "data-collection-voucher" in page
    assert api.relay.told


async def test_what_is_wrong_stands_at_its_field(support: Browser) -> None:
    """A form with mistakes comes back as it was typed, each mistake at its field, and nothing is stored."""
    answer = await support.submit(
        FORM, FORM, first_name="Ada", email="ada@", country="GB", phone="12", date_of_birth="1990-13-40"
    )
    assert answer.status_code == 422
    for field in ("email", "phone", "date_of_birth"):
        assert f'id="{field}-error"' in answer.text
    assert 'value="Ada"' in answer.text
    assert (await support.get(LIST)).text.count("/console/customers/cus_") == 0


async def test_somebody_must_be_told_apart(support: Browser) -> None:
    """A customer without email, phone and id is refused."""
    answer = await support.submit(FORM, FORM, first_name="Ada", country="GB")
    assert answer.status_code == 422
    assert "Give at least one of id, email and phone." in answer.text


async def test_an_email_of_somebody_else_is_a_conflict(api: Server, support: Browser) -> None:
    """An email that is known under another id is said so at the email."""
    await api.register(id="c-1", email="ada@example.com")
    answer = await support.submit(FORM, FORM, email="ada@example.com", id="c-2")
    assert answer.status_code == 409
    assert 'id="email-error"' in answer.text


async def test_a_known_customer_is_not_made_twice(api: Server, support: Browser) -> None:
    """Who was there already is shown, and told to be."""
    known = await api.register(first_name="Ada", email="ada@example.com")
    answer = await support.submit(FORM, FORM, email="ada@example.com")
    assert answer.headers["location"] == f"{LIST}/{known['customer_id']}?done=known"


async def test_viewers_create_nobody(viewer: Browser) -> None:
    """A viewer sees no button for it, and is refused the form and the action."""
    assert FORM not in (await viewer.get(LIST)).text
    assert (await viewer.get(FORM)).status_code == 403
    assert (await viewer.submit(LIST, FORM, email="ada@example.com")).status_code == 403
