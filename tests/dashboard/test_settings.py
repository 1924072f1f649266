"""The settings page."""

from tests.dashboard.conftest import PASSWORD, Person


def test_names_can_be_changed(person: Person) -> None:
    page = person.post("/dashboard/settings/profile", name="Augusta", workspace="Mill & Store")

    assert page.location == "/dashboard/settings"
    shown = person.get("/dashboard/settings").text
    assert "Saved." in shown
    assert "Mill &amp; Store" in shown
    assert 'value="Augusta"' in shown


def test_a_workspace_needs_a_name(person: Person) -> None:
    page = person.post("/dashboard/settings/profile", name="", workspace=" ")

    assert page.status_code == 400
    assert "The workspace&#39;s name is needed." in page.text


def test_the_password_can_be_changed(person: Person, visitor: Person) -> None:
    reply = person.post(
        "/dashboard/settings/password", current_password=PASSWORD, password="another battery"
    )

    assert reply.status_code == 303
    assert person.get("/dashboard/").status_code == 200  # This session goes on.
    visitor.email = person.email
    assert visitor.sign_in().status_code == 401
    assert visitor.sign_in("another battery").status_code == 303


def test_the_current_password_must_be_known(person: Person) -> None:
    page = person.post(
        "/dashboard/settings/password", current_password="guess", password="another battery"
    )

    assert page.status_code == 400
    assert "This is not your current password." in page.text


def test_a_new_password_must_be_long_enough(person: Person) -> None:
    page = person.post("/dashboard/settings/password", current_password=PASSWORD, password="short")

    assert page.status_code == 400
    assert "Use 10 to 256 characters." in page.text
